import { SECOND_MS } from '../core/durations.ts';
import { endLongWaits, shiftWaits } from '../store/waits.ts';
import type { Context, NextAt } from './context.ts';
import type { Wake } from './job.ts';

/** What waits is delayed by no more than this: a clock that is kept right is never set back so far. */
const NOTICED_MS = 10 * SECOND_MS;

/**
 * Notices that the clock was set back, between two looks or while the bot was down, and lets what waits go on.
 * Times that people have chosen (schedules, due summaries) stay as they are.
 */
export async function watchClock(
  context: Pick<Context, 'db' | 'clock' | 'log' | 'clockSeenAt' | 'refusedLanes'>,
  { causes, emit }: Wake,
): Promise<NextAt> {
  const { db, clock, log, refusedLanes } = context;
  const now = clock.now();
  if (causes.has('start')) {
    await db.transaction().execute((tx) => endLongWaits(tx, now));
  }
  const backMs = context.clockSeenAt - now;
  if (backMs >= NOTICED_MS) {
    log.warn({ backMs }, 'the clock was set back; what waits goes on');
    await db.transaction().execute((tx) => shiftWaits(tx, backMs, now));
    refusedLanes.clear();
  }
  context.clockSeenAt = now;
  if (backMs >= NOTICED_MS) emit('clock');
  return null;
}
