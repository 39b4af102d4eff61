import type { ClaudeAnswer } from '../../../claude/batches.ts';
import type { BatchRequest } from '../../../claude/outgoing.ts';
import { parseCustomId } from '../../../core/runs/custom-id.ts';
import { type Batch, updateBatch } from '../../../store/runs/batches.ts';
import { setAside } from '../../../store/runs/give-back.ts';
import { findRun, type Run, updateRun } from '../../../store/runs/runs.ts';
import type { Context } from '../../context.ts';

/** With more refusals in a row than this, the messages are not at fault. */
const MAX_IN_A_ROW = 10;

/**
 * submitting → ready, without the message whose request Claude has named in its refusal of the whole
 * batch.
 * @returns false when Claude names none
 */
export async function setAsideNamed(
  { db, clock, log }: Context,
  run: Run,
  batch: Batch,
  requests: BatchRequest[],
  { reason, request = -1 }: ClaudeAnswer<unknown> & { kind: 'refused' },
): Promise<boolean> {
  const ts = parseCustomId(requests[request]?.custom_id ?? '')?.ts;
  if (ts === undefined) return false;
  // The tries of an outage are no refusals: what it waited for last was something else.
  const { trouble = null } = (await findRun(db, run.id)) ?? {};
  const before = trouble === null || trouble === reason ? batch.attempts : 0;
  if (before >= MAX_IN_A_ROW) return false;
  log.error(
    { run: run.id, ts, reason },
    'Claude refuses the request of a message; it is set aside',
  );
  await db.transaction().execute(async (tx) => {
    const now = clock.now();
    await setAside(tx, run, batch, { ts, reason }, now);
    await updateBatch(tx, batch.id, {
      stage: 'ready',
      attempts: before + 1,
      next_at: now,
    });
    await updateRun(tx, run.id, { trouble: null });
  });
  return true;
}
