import { SHOWN } from '../../../claude/prompt.ts';
import { MINUTE_MS, SECOND_MS } from '../../../core/durations.ts';
import { fitsBudget } from '../../../core/runs/budget.ts';
import { canHurry, FINISH_MS, POST_AHEAD_MS, timeLeft } from '../../../core/runs/lane.ts';
import type { Db, Tx } from '../../../store/db/tables.ts';
import { measurePending, measureUnanswered } from '../../../store/intake/pending.ts';
import { type Batch, listBatches, openBatch, updateBatch } from '../../../store/runs/batches.ts';
import { countClaimable } from '../../../store/runs/claims.ts';
import { moveUnanswered } from '../../../store/runs/express.ts';
import { giveBackUnanswered } from '../../../store/runs/give-back.ts';
import { readProgress } from '../../../store/runs/progress.ts';
import { findRun, hurryRun, isHurried, type Run, updateRun } from '../../../store/runs/runs.ts';
import type { Context } from '../../context.ts';
import { createPause } from '../../slices.ts';
import { estimateRun, readBudget } from '../price.ts';

/**
 * From the batch lane into the express lane: because a summary is due, or a person did not want to
 * wait. Batches at Claude are canceled; what they have done by then is kept. The rest is asked express
 * once they have ended, or after a moment anyway.
 */

/** How long a canceled batch is waited for. What it has answered without our knowing is paid twice. */
const PATIENCE_MS = 60 * SECOND_MS;

/** When the batches of a hurried run are given up. */
export const patienceEnds = (run: Run): number | null =>
  isHurried(run) && run.hurried_at !== null ? run.hurried_at + PATIENCE_MS : null;

/** With more messages "now" would not be true. */
const NOW_MS = 10 * MINUTE_MS;

/**
 * What it costs more at most to judge the rest of a run at once, in US dollars; null when that cannot
 * be had, or a price is not known.
 */
export async function estimateHurry(
  db: Db | Tx,
  context: Pick<Context, 'clock' | 'settings'>,
  run: Run,
): Promise<number | null> {
  const { lane, hurried_at, canceled_by, ended_at, trouble } = run;
  if (lane === 'express' || hurried_at !== null || canceled_by !== null || ended_at !== null) {
    return null;
  }
  // Claude takes nothing for now, in neither lane.
  if (trouble !== null) return null;
  const pause = createPause();
  const { requested, answered } = await readProgress(db, run, pause);
  // Too many are not measured: that would take long.
  if (requested > answered && !canHurry(requested - answered, NOW_MS)) return null;
  const rest = await measureUnanswered(db, run, SHOWN, pause);
  const pending =
    run.stage === 'claiming' ? await measurePending(db, run.channel, SHOWN, pause) : null;
  const size = {
    messages: rest.messages + (pending?.messages ?? 0),
    characters: rest.characters + (pending?.characters ?? 0),
  };
  if (!canHurry(size.messages, NOW_MS)) return null;
  const { batch, express } = await estimateRun(db, context, run.channel, size);
  if (batch === null || express === null) return null;
  // What the batches would have cost is set aside for the run already.
  return fitsBudget(await readBudget(db, context), express - batch) ? express - batch : null;
}

/**
 * What it costs more at most to judge the rest of a run, and what was posted meanwhile, express, in US
 * dollars; null when a price is not known.
 */
async function estimateFinish(tx: Tx, context: Context, run: Run): Promise<number | null> {
  const pause = createPause();
  const rest = await measureUnanswered(tx, run, SHOWN, pause);
  const posted = await measurePending(tx, run.channel, SHOWN, pause);
  const restUsd = await estimateRun(tx, context, run.channel, rest);
  const postedUsd = await estimateRun(tx, context, run.channel, posted);
  if (restUsd.express === null || restUsd.batch === null || postedUsd.express === null) return null;
  return restUsd.express - restUsd.batch + postedUsd.express;
}

/** Puts what a batch has not answered into the run's express batch. */
export async function moveToExpress(
  tx: Tx,
  run: Run,
  batch: Batch,
  { doubtful }: { doubtful: boolean },
  now: number,
): Promise<void> {
  const batches = await listBatches(tx, run.id);
  const open = batches.find(({ lane, stage }) => lane === 'express' && stage !== 'collected');
  const express = open ?? (await openBatch(tx, run.id, 'express', now));
  const moved = await moveUnanswered(tx, batch, express, { doubtful });
  if (open) return;
  await updateBatch(tx, express.id, { stage: moved > 0 ? 'ready' : 'collected' });
}

/**
 * What becomes of messages that a batch will not answer: they are judged express if the run is hurried,
 * and pending again otherwise.
 * @param doubtful whether the batch may have answered some of them all the same
 */
export async function release(
  tx: Tx,
  run: Run,
  batch: Batch,
  { reason, doubtful }: { reason: string; doubtful: boolean },
  now: number,
): Promise<void> {
  // Somebody may have pressed a button since the run was read.
  const latest = (await findRun(tx, run.id)) ?? run;
  if (isHurried(latest)) await moveToExpress(tx, latest, batch, { doubtful }, now);
  else await giveBackUnanswered(tx, latest, batch, reason, now);
}

/**
 * When a run has to be finished for its summary to be there when it is due; null: no such time. What is
 * judged as it comes is there anyway.
 */
export const finishesAt = ({ cause, due_at, finishing_at, canceled_by }: Run): number | null =>
  due_at !== null && finishing_at === null && canceled_by === null
    ? due_at - (cause === 'live' ? POST_AHEAD_MS : FINISH_MS)
    : null;

/**
 * Finishes a run whose summary is due: what was posted meanwhile is claimed, and what its batches have
 * not answered is judged express, as far as there is time.
 */
export async function finishRun(context: Context, run: Run): Promise<void> {
  const { db, clock, log, settings } = context;
  await db.transaction().execute(async (tx) => {
    const now = clock.now();
    const claim_until = Math.max(now, run.claim_until);
    await updateRun(tx, run.id, { stage: 'claiming', claim_until, finishing_at: now });
    const { requested, answered } = await readProgress(tx, run);
    const posted = await countClaimable(tx, { ...run, claim_until }, createPause());
    const left = timeLeft(run.due_at ?? now, settings.summaryLatenessMs, now);
    const unanswered = requested - answered;
    if (run.lane === 'express' || isHurried(run) || !canHurry(unanswered + posted, left)) return;
    const moreUsd = await estimateFinish(tx, context, run);
    if (!fitsBudget(await readBudget(tx, context), moreUsd)) {
      log.warn(
        { run: run.id, unanswered, posted },
        'a summary is due, and its rest is over budget',
      );
      return;
    }
    log.info({ run: run.id, unanswered, posted }, 'a summary is due: the rest is judged express');
    await hurryRun(tx, run, { reason: 'due', by: null, moreUsd }, now);
  });
}
