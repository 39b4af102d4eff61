import { type Batch, findBatch, listBatches } from '../../store/runs/batches.ts';
import {
  findOpenRun,
  listOpenRuns,
  markStale,
  type Run,
  updateRun,
} from '../../store/runs/runs.ts';
import { type Context, earliest, type NextAt } from '../context.ts';
import { publish, publishPart } from '../digest/publish.ts';
import { commitAll } from '../slices.ts';
import { groupRun } from '../themes/group.ts';
import { askToCancel, withdraw } from './cancel.ts';
import { startClaiming } from './claim.ts';
import { collect } from './collect.ts';
import { estimateAgain } from './request.ts';
import { poll, reconcile, submit } from './submit.ts';

/**
 * Moves every open run on by one committed stage after another, at most one outside call a stage.
 * Whatever kills the process, the row says what to do next:
 *
 *   run    claiming ──▶ judging ──▶ done
 *   batch  filling ──▶ ready ──▶ submitting ──▶ submitted ──▶ ended ──▶ collected
 *                        ▲           │ answer lost: look for the orphan
 *                        └───────────┘ none there: send again
 *
 * Between the last batch and the end its messages are grouped: group.ts.
 */
export async function advanceRuns(context: Context): Promise<NextAt> {
  const times: NextAt[] = [];
  const failures: unknown[] = [];
  for (const { channel } of await listOpenRuns(context.db)) {
    try {
      times.push(await advanceRun(context, channel));
    } catch (error) {
      // This is one channel's run. It must not keep the others waiting; the loop logs the error and
      // runs again.
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures);
  return earliest(times);
}

const COLLECTED_AT_ONCE = 2;

async function advanceRun(context: Context, channel: string): Promise<NextAt> {
  const { db, clock } = context;
  const run = await findOpenRun(db, channel);
  if (!run) return null;
  // Messages may have been deleted or edited while no events arrived.
  const caughtUpAt = () => context.catchUp.waitFor(channel, clock.now());
  const claimsAt = caughtUpAt();
  if (claimsAt !== null) {
    // What a sweep finds until then was posted before the run was asked for.
    if (run.stage === 'claiming') await updateRun(db, run.id, { claim_until: claimsAt });
    return claimsAt;
  }
  if (run.stage === 'claiming') {
    if (run.claim_until > run.created_at && (await listBatches(db, run.id)).length === 0) {
      await db.transaction().execute((tx) => estimateAgain(tx, context, run));
    }
    await commitAll(db, await startClaiming(context, run));
    await updateRun(db, run.id, { stage: 'judging' });
    await reportProgress(context, run);
  }
  const waiting: NextAt[] = [];
  const batches = await listBatches(db, run.id);
  // One by one: of two lost answers at once, one could be mistaken for the other. If one batch
  // cannot be sent, neither can the rest: they follow it.
  for (const { id } of batches.filter(isUnsent)) {
    waiting.push(await advanceBatch(context, run, id));
    const after = await findBatch(db, id);
    if (after && isUnsent(after)) break;
  }
  // Two at a time: while one waits for its results, another is committed.
  const sent = batches.filter((batch) => !isUnsent(batch)).values();
  const lane = async () => {
    for (const { id } of sent) waiting.push(await advanceBatch(context, run, id));
  };
  await Promise.all(Array.from({ length: COLLECTED_AT_ONCE }, lane));
  const publishesAt = caughtUpAt();
  if (publishesAt !== null) return publishesAt;
  const next = earliest(waiting);
  if (next !== null) {
    return earliest([next, await publishPart(context, run, await listBatches(db, run.id))]);
  }
  const grouping = await groupRun(context, run);
  if (grouping !== null) return grouping;
  return (await publish(context, run)) ? null : clock.now();
}

const isUnsent = ({ stage }: Batch) =>
  stage === 'filling' || stage === 'ready' || stage === 'submitting';

/** Takes a batch as far as it goes now. @returns when it is due again; null when it is collected */
async function advanceBatch(context: Context, { channel }: Run, id: number): Promise<NextAt> {
  const { db, clock } = context;
  for (;;) {
    const batch = await findBatch(db, id);
    // Read it each time: it may be canceled at any moment.
    const run = await findOpenRun(db, channel);
    if (!run || !batch || batch.stage === 'collected') return null;
    if (batch.next_at > clock.now()) return batch.next_at;
    const caughtUpAt = context.catchUp.waitFor(channel, clock.now());
    if (caughtUpAt !== null) return caughtUpAt;
    await nextStep(run, batch)(context, run, batch);
    // A summary is expensive to write: skip it when a poll changed nothing.
    const moved = (await findBatch(db, id))?.stage !== batch.stage;
    if (moved || run.published_at === null) await reportProgress(context, run);
  }
}

/**
 * Marks the receipt as stale, so that it shows the progress. Each poll does so, which also makes up
 * for a crash.
 */
async function reportProgress({ db, clock }: Context, run: Run): Promise<void> {
  await db.transaction().execute((tx) => markStale(tx, run.id, clock.now()));
}

function nextStep(
  run: Run,
  batch: Batch,
): (context: Context, run: Run, batch: Batch) => Promise<void> {
  switch (batch.stage) {
    case 'filling': // Claiming was over when the run came to judging: what is filling is full.
    case 'ready':
      return run.canceled_by === null ? submit : withdraw;
    case 'submitting':
      return reconcile;
    case 'submitted':
      return run.canceled_by === null || batch.cancel_asked ? poll : askToCancel;
    case 'ended':
      return collect;
    case 'collected':
      throw new Error(`batch ${batch.id} is collected: nothing is left to do`);
    default:
      return batch.stage satisfies never;
  }
}
