import { MINUTE_MS } from '../core/durations.ts';
import { shortenLog } from '../store/db/seal.ts';
import { listOpenRuns } from '../store/runs/runs.ts';
import type { Context } from './context.ts';

/** Advancing runs wakes it more often. */
const EVERY_MS = MINUTE_MS;

/** Above this size, in bytes, people who run the bot want to know. */
const LARGE = 64_000_000;

/**
 * Writes the write-ahead log into the database every minute, and at once when a run has ended, so that little
 * is lost where only the file itself is kept. A reader that stays keeps the log from shrinking: it is warned of
 * once.
 */
export async function checkpoint(context: Context): Promise<null> {
  const { db, clock, log, checkpoints } = context;
  const openRuns = (await listOpenRuns(db)).length;
  const hasEnded = openRuns < checkpoints.openRuns;
  checkpoints.openRuns = openRuns;
  if (!hasEnded && Math.abs(clock.now() - checkpoints.at) < EVERY_MS) return null;
  checkpoints.at = clock.now();
  const left = await shortenLog(db);
  const isLarge = left > LARGE;
  if (isLarge && !checkpoints.isLogLarge) {
    log.warn(
      { megabytes: Math.round(left / 1e6) },
      'the write-ahead log cannot shrink: something keeps the database open for reading',
    );
  }
  if (!isLarge && checkpoints.isLogLarge) log.info({}, 'the write-ahead log has shrunk again');
  checkpoints.isLogLarge = isLarge;
  return null;
}
