import { cancelBatch } from '../../../claude/batches.ts';
import { type Batch, updateBatch } from '../../../store/runs/batches.ts';
import { CANCELED, giveBackUnanswered } from '../../../store/runs/give-back.ts';
import type { Run } from '../../../store/runs/runs.ts';
import type { Context } from '../../context.ts';
import { clearTrouble } from '../trouble.ts';
import { claudeIdOf, postpone } from './submit.ts';

/**
 * A canceled run: batches that were not sent are given back; those at Claude are asked to end and
 * then continue as usual: their results are collected, and requests that come back as canceled are
 * pending again. A batch whose submission was not answered is looked for first.
 */

/** ready → collected, without being sent. */
export async function withdraw({ db, clock }: Context, run: Run, batch: Batch): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const now = clock.now();
    await giveBackUnanswered(tx, run, batch, CANCELED, now);
    await updateBatch(tx, batch.id, { stage: 'collected', next_at: now });
  });
}

/** Asking twice changes nothing: after a crash it asks again. */
export async function askToCancel(context: Context, run: Run, batch: Batch): Promise<void> {
  const { db, claude, clock, log } = context;
  const answer = await cancelBatch(claude, claudeIdOf(batch));
  // Claude refuses when the batch has ended meanwhile, which is just as good.
  if (answer.kind !== 'ok' && answer.kind !== 'refused') {
    return postpone(context, run, batch, answer, 'submitted');
  }
  log.info({ run: run.id, batch: batch.claude_id }, 'asked Claude to cancel a batch');
  await clearTrouble(db, context, run, batch);
  await updateBatch(db, batch.id, { cancel_asked: 1, attempts: 0, next_at: clock.now() });
}
