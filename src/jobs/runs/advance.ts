import { MINUTE_MS } from '../../core/durations.ts';
import { POST_AHEAD_MS } from '../../core/runs/lane.ts';
import { markStale } from '../../store/digest/stale.ts';
import {
  type Batch,
  findBatch,
  hasRequests,
  listAbandonedBatches,
  listBatches,
} from '../../store/runs/batches.ts';
import { findDueAt, listWaitingBatches } from '../../store/runs/retries.ts';
import {
  findOpenRun,
  findRun,
  isHurried,
  listOpenRuns,
  type Run,
  updateRun,
} from '../../store/runs/runs.ts';
import { type Context, earliest, type NextAt, waitForAdoption } from '../context.ts';
import { publish, publishLiving, publishPart } from '../digest/publish.ts';
import { commitAll } from '../slices.ts';
import { groupRun } from '../themes/group.ts';
import { startClaiming } from './claim.ts';
import { askToCancel, withdraw } from './lanes/cancel.ts';
import { collect } from './lanes/collect.ts';
import { startAsking } from './lanes/express.ts';
import { finishesAt, finishRun, moveToExpress, patienceEnds } from './lanes/hurry.ts';
import { poll, reconcile, submit } from './lanes/submit.ts';
import { estimateAgain } from './request.ts';

/**
 * Moves every open run on by one committed stage after another, at most one outside call a stage.
 * Whatever kills the process, the row says what to do next:
 *
 *   run      claiming ──▶ judging ──▶ done
 *   batch    filling ──▶ ready ──▶ submitting ──▶ submitted ──▶ ended ──▶ collected
 *                          ▲           │ answer lost: look for the orphan
 *                          └───────────┘ none there: send again
 *   express  filling ──▶ ready ──▶ asking ──▶ collected, asked by express.ts
 *
 * Shortly before its summary is due a run claims once more: hurry.ts. Between the last batch and the
 * end its messages are grouped: group.ts.
 */
export async function advanceRuns(context: Context): Promise<NextAt> {
  const times: NextAt[] = [];
  const failures: unknown[] = [];
  try {
    times.push(await collectAbandoned(context));
  } catch (error) {
    // No run waits for these.
    failures.push(error);
  }
  const waiting = await listWaitingBatches(context.db, context.clock.now());
  for (const { channel } of await listOpenRuns(context.db)) {
    try {
      times.push(await advanceRun(context, channel));
    } catch (error) {
      // This is one channel's run. It must not keep the others waiting; the loop logs the error and
      // runs again.
      failures.push(error);
    }
  }
  // What works again for one run may have made another due, which was looked at before.
  if (waiting.length > 0) times.push(await findDueAt(context.db, waiting));
  if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures);
  return earliest(times);
}

const COLLECTED_AT_ONCE = 2;

async function advanceRun(context: Context, channel: string): Promise<NextAt> {
  const { db, clock } = context;
  const run = await findOpenRun(db, channel);
  if (!run) return null;
  // Messages may have been deleted or edited while no events arrived.
  const caughtUpAt = () => context.catchUp.waitFor(channel, clock.now(), run.created_at);
  // Nor may what a lost run has told of be claimed again.
  const claimsAt = caughtUpAt() ?? waitForAdoption(context, channel);
  if (claimsAt !== null) {
    // What a sweep finds until then was posted before the run was asked for.
    if (run.stage === 'claiming') await updateRun(db, run.id, { claim_until: claimsAt });
    return claimsAt;
  }
  const finishAt = finishesAt(run);
  if (finishAt !== null && clock.now() >= finishAt && run.stage === 'judging') {
    await finishRun(context, run);
    return clock.now();
  }
  if (run.stage === 'claiming') {
    if (run.claim_until > run.created_at && (await listBatches(db, run.id)).length === 0) {
      await db.transaction().execute((tx) => estimateAgain(tx, context, run));
    }
    await commitAll(db, await startClaiming(context, (await findOpenRun(db, channel)) ?? run));
    await updateRun(db, run.id, { stage: 'judging' });
    await reportProgress(context, run);
  }
  const waiting: NextAt[] = [];
  const aside: NextAt[] = [];
  const advance = async (id: number) => {
    const nextAt = await advanceBatch(context, run, id);
    // Nothing waits for a batch whose messages were all taken from it.
    ((await hasRequests(db, id)) ? waiting : aside).push(nextAt);
  };
  const batches = await listBatches(db, run.id);
  for (const lane of ['express', 'batch']) {
    // One by one: of two lost answers at once, one could be mistaken for the other. If one batch
    // cannot be sent, neither can the rest: they follow it.
    for (const { id } of batches.filter((batch) => isUnsent(batch) && batch.lane === lane)) {
      await advance(id);
      const after = await findBatch(db, id);
      if (after && isUnsent(after)) break;
    }
  }
  // Two at a time: while one waits for its results, another is committed.
  const sent = batches.filter((batch) => !isUnsent(batch)).values();
  const lane = async () => {
    for (const { id } of sent) await advance(id);
  };
  await Promise.all(Array.from({ length: COLLECTED_AT_ONCE }, lane));
  const publishesAt = caughtUpAt();
  if (publishesAt !== null) return publishesAt;
  // What a batch has not answered may be in another one by now.
  if ((await listBatches(db, run.id)).length > batches.length) return clock.now();
  if (!(await publishLiving(context, run))) return clock.now();
  const next = earliest(waiting);
  if (next !== null) {
    const part = await publishPart(context, run, await listBatches(db, run.id));
    return earliest([next, part, finishAt, ...aside]);
  }
  // What is posted until then belongs to the summary, too.
  if (finishAt !== null) return earliest([finishAt, ...aside]);
  const grouping = await groupRun(context, run);
  if (grouping !== null) return grouping;
  const postAt = run.due_at === null || run.canceled_by !== null ? 0 : run.due_at - POST_AHEAD_MS;
  if (postAt > clock.now()) return earliest([postAt, ...aside]);
  return (await publish(context, run)) ? earliest(aside) : clock.now();
}

/** Batches that their runs did not wait for: what they were billed belongs to the summary's costs. */
async function collectAbandoned(context: Context): Promise<NextAt> {
  const { db, clock } = context;
  const times: NextAt[] = [];
  for (const { id } of await listAbandonedBatches(db)) {
    for (;;) {
      const batch = await findBatch(db, id);
      const run = batch && (await findRun(db, batch.run));
      if (!batch || !run || batch.stage === 'collected') break;
      if (batch.next_at > clock.now()) {
        times.push(batch.next_at);
        break;
      }
      await nextStep(run, batch)(context, run, batch);
    }
  }
  return earliest(times);
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
    // Its answers wake this job; this is for those that did not.
    if (batch.stage === 'asking') return Math.max(batch.next_at, clock.now() + MINUTE_MS);
    const patience = mayBeAbandoned(batch) ? patienceEnds(run) : null;
    const patient = patience === null || patience > clock.now();
    if (!patient && (await hasRequests(db, id))) await abandon(context, run, batch);
    if (batch.next_at > clock.now()) return earliest([batch.next_at, patient ? patience : null]);
    const caughtUpAt = context.catchUp.waitFor(channel, clock.now(), run.created_at);
    if (caughtUpAt !== null) return caughtUpAt;
    await nextStep(run, batch)(context, run, batch);
    // A summary is expensive to write: skip it when a poll changed nothing.
    const moved = (await findBatch(db, id))?.stage !== batch.stage;
    if (moved || run.published_at === null) await reportProgress(context, run);
  }
}

const mayBeAbandoned = ({ lane, stage }: Batch) =>
  lane === 'batch' && (stage === 'submitting' || stage === 'submitted');

/** The run goes on without a batch; what it was billed is collected later. */
async function abandon({ db, clock, log }: Context, run: Run, batch: Batch): Promise<void> {
  log.warn({ run: run.id, batch: batch.claude_id }, 'a canceled batch does not end; not waiting');
  await db
    .transaction()
    .execute((tx) => moveToExpress(tx, run, batch, { doubtful: true }, clock.now()));
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
      if (run.canceled_by !== null) return withdraw;
      return batch.lane === 'express' || isHurried(run) ? startAsking : submit;
    case 'submitting':
      return reconcile;
    case 'submitted': {
      const ends = run.canceled_by !== null || isHurried(run);
      return ends && !batch.cancel_asked ? askToCancel : poll;
    }
    case 'asking':
      throw new Error(`batch ${batch.id} is asked express: express.ts moves it on`);
    case 'ended':
      return collect;
    case 'collected':
      throw new Error(`batch ${batch.id} is collected: nothing is left to do`);
    default:
      return batch.stage satisfies never;
  }
}
