import { SHOWN } from '../../claude/prompt.ts';
import type { Budget } from '../../core/runs/budget.ts';
import { POST_AHEAD_MS } from '../../core/runs/lane.ts';
import { toParent } from '../../slack/blocks/digest/digest.ts';
import { renderReceipt } from '../../slack/blocks/digest/receipt.ts';
import type { Tx } from '../../store/db/tables.ts';
import { findPostingHold, type Hold } from '../../store/delivery/holds.ts';
import { addEffects } from '../../store/delivery/outbox.ts';
import { countUnpublished, hasNews, hasStillOpen } from '../../store/digest/published.ts';
import { measurePending, type PendingSize } from '../../store/intake/pending.ts';
import { ensureUser } from '../../store/intake/users.ts';
import { findOpenRun, openRun, type Run, setExpected, updateRun } from '../../store/runs/runs.ts';
import type { Context } from '../context.ts';
import { readRenderContext } from '../render-context.ts';
import { createPause } from '../slices.ts';
import { describeRun } from './describe.ts';
import { chooseLane, estimateRun, laneCauseOf, readBudget } from './price.ts';
import { type Retry, retryRun } from './retry.ts';

export type RequestedRun =
  | { kind: 'opened'; run: Run; pending: PendingSize; usd: number | null }
  /** A run is open already; it gets a digest if this request asks for one. */
  | { kind: 'going'; run: Run; pending: PendingSize; retry: Retry }
  /** Slack does not let the bot post in the channel. Nothing was started. */
  | { kind: 'held'; hold: Hold }
  /** The month's budget does not allow it. Nothing was started. */
  | { kind: 'over budget'; budget: Budget; pending: PendingSize; usd: number | null }
  /** Nothing is pending or unpublished. */
  | { kind: 'nothing' };

/**
 * Opens a run of a channel for a person or a schedule, if there is something to do. The person sees
 * at once, in the post that becomes the summary, that it is coming.
 */
export async function requestRun(
  tx: Tx,
  context: Context,
  request: Pick<Run, 'channel' | 'cause'> & {
    requestedBy: string | null;
    withDigest: boolean;
    /** When its summary is due; left out: as soon as it is there. */
    dueAt?: number;
  },
): Promise<RequestedRun> {
  const { clock, settings } = context;
  const { taxonomyVersion, model } = settings;
  const { channel, cause, requestedBy, withDigest, dueAt = null } = request;
  if (requestedBy) await ensureUser(tx, requestedBy);
  const going = await findOpenRun(tx, channel);
  // Perhaps somebody has mended what it waits for.
  const retry: Retry =
    going && requestedBy
      ? await retryRun(tx, context, going, requestedBy)
      : { kind: 'not waiting' };
  const hold = await findPostingHold(tx, channel);
  if (hold) return { kind: 'held', hold };
  const pending = await measurePending(tx, channel, SHOWN, createPause());
  if (going) {
    if (withDigest) await addRequest(tx, context, going, { requestedBy, dueAt });
    return { kind: 'going', run: going, pending, retry };
  }
  if (pending.messages === 0 && !(withDigest && (await isWorthTelling(tx, channel, cause)))) {
    return { kind: 'nothing' };
  }
  const prices = await estimateRun(tx, context, channel, pending);
  const forWhom = laneCauseOf({ cause, requested_by: requestedBy });
  const facts = { cause: forWhom, messages: pending.messages, dueAt };
  const budget = await readBudget(tx, context);
  const lane = chooseLane(context, facts, prices, budget);
  if (budget && !lane) return { kind: 'over budget', budget, pending, usd: prices.batch };
  if (!lane) throw new Error('without a budget every run has a lane');
  const usd = prices[lane.lane];
  const expected = { messages: pending.messages, usd };
  const run = await openRun(
    tx,
    { channel, cause, requestedBy, withDigest, taxonomyVersion, model, lane, dueAt, expected },
    clock.now(),
  );
  if (!run) throw new Error(`a run of ${channel} was opened by somebody else in our transaction`);
  if (requestedBy && withDigest) await addReceipt(tx, context, run);
  return { kind: 'opened', run, pending, usd };
}

/** A schedule also shows open flags, and no edits alone; a person learns that nothing is pending. */
async function isWorthTelling(tx: Tx, channel: string, cause: Run['cause']): Promise<boolean> {
  return cause === 'schedule'
    ? (await hasNews(tx, channel)) || (await hasStillOpen(tx, channel))
    : (await countUnpublished(tx, channel)) > 0;
}

/**
 * Messages that a sweep has found since the run was opened are claimed too: its receipt says so, and it
 * may have become too expensive for the express lane.
 */
export async function estimateAgain(tx: Tx, context: Context, run: Run): Promise<void> {
  const { channel, due_at: dueAt } = run;
  const pending = await measurePending(tx, channel, SHOWN, createPause());
  const { messages } = pending;
  const prices = await estimateRun(tx, context, channel, pending);
  // Its own share of the budget is what is decided about.
  await setExpected(tx, run.id, { messages, usd: 0 });
  const facts = { cause: laneCauseOf(run), messages, dueAt };
  const chosen = chooseLane(context, facts, prices, await readBudget(tx, context));
  // It was begun within the budget, and goes on the cheaper way.
  const { lane, reason } = chosen ?? { lane: 'batch', reason: 'half price' };
  await updateRun(tx, run.id, { lane, lane_reason: reason });
  await setExpected(tx, run.id, { messages, usd: prices[lane] });
}

/**
 * Gives an open run a digest. The first person who asks for it gets the receipt, and does not wait
 * until a schedule's summary is due.
 */
async function addRequest(
  tx: Tx,
  context: Context,
  run: Run,
  { requestedBy, dueAt }: { requestedBy: string | null; dueAt: number | null },
): Promise<void> {
  const now = context.clock.now();
  const first = run.requested_by === null && requestedBy !== null;
  const change = {
    with_digest: 1,
    requested_by: run.requested_by ?? requestedBy,
    due_at: decideDue(run, { requestedBy, dueAt }, now),
  };
  await updateRun(tx, run.id, change);
  if (!first) return;
  // Everything of it may be there by now: what was posted meanwhile is judged with it.
  if (run.due_at !== null) await updateRun(tx, run.id, { stage: 'claiming', claim_until: now });
  await addReceipt(tx, context, { ...run, ...change });
}

/**
 * A person who asks gets the summary as soon as it is ready. When a schedule finds a person's run going, the
 * run is finished in time for the schedule, and its summary is still posted as soon as it is ready.
 */
function decideDue(
  { requested_by, due_at }: Run,
  { requestedBy, dueAt }: { requestedBy: string | null; dueAt: number | null },
  now: number,
): number | null {
  if (requestedBy !== null) return null;
  if (requested_by === null) return due_at ?? dueAt;
  return dueAt === null ? due_at : Math.min(dueAt, now + POST_AHEAD_MS);
}

async function addReceipt(tx: Tx, context: Context, run: Run): Promise<void> {
  const renderContext = await readRenderContext(context, tx);
  const rendered = renderReceipt(await describeRun(tx, context, run), renderContext);
  // A run that has published some of its results has its post already.
  await addEffects(tx, [toParent(run.id, run.channel, rendered)], context.clock.now());
}
