import { removeBatch } from '../../claude/batches.ts';
import { backoffMs } from '../../core/delivery/backoff.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/durations.ts';
import {
  listRemovable,
  markRemoved,
  postponeRemoval,
  type Removable,
} from '../../store/runs/batches.ts';
import type { Context, NextAt } from '../context.ts';

/**
 * Deletes batches at Claude, which otherwise keeps what was asked and answered for 29 days:
 *
 *   collected ──▶ deleted at Claude ──▶ removed_at
 *
 * It begins once all results are committed. A crash after the call makes it again, and Claude's 404 says
 * that it is done. No run and no summary waits for it.
 */

/** Calls between two looks at what is due. */
const AT_ONCE = 20;

/** Claude deletes the results of a batch after this time by itself. */
const KEPT_MS = 29 * DAY_MS;

const WAITS = { firstMs: MINUTE_MS, mostMs: 6 * HOUR_MS };

/** @returns when the next batch is due; null when Claude has none that is stored here */
export async function removeBatches(context: Context): Promise<NextAt> {
  const { db, clock } = context;
  for (;;) {
    const batches = await listRemovable(db, AT_ONCE);
    const due = batches.filter(({ at }) => at <= clock.now());
    if (due.length === 0) return batches[0]?.at ?? null;
    for (const batch of due) {
      // What keeps Claude from deleting this one keeps it from deleting the others, too.
      if (!(await remove(context, batch))) return clock.now() + WAITS.firstMs;
    }
  }
}

/** @returns false when Claude cannot be asked for now */
async function remove(
  { db, claude, clock, log }: Context,
  { id, claudeId, submittedAt, attempts }: Removable,
): Promise<boolean> {
  const answer = await removeBatch(claude, claudeId);
  const now = clock.now();
  const unknown = answer.kind === 'refused' && answer.status === 404;
  const expired = submittedAt !== null && now - submittedAt > KEPT_MS;
  if (answer.kind === 'ok' || unknown || expired) {
    await markRemoved(db, id, now);
    return true;
  }
  log.warn({ batch: claudeId, reason: answer.reason }, 'a collected batch is still at Claude');
  const wait = Math.max(
    backoffMs(attempts, WAITS),
    (answer.kind === 'later' && answer.afterMs) || 0,
  );
  await postponeRemoval(db, id, { attempts: attempts + 1, at: now + wait });
  return answer.kind === 'refused';
}
