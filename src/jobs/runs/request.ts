import { measureGrouping, THEMES_AT_ONCE } from '../../claude/grouping.ts';
import { estimateGroupingUsd, estimateUsd } from '../../claude/pricing.ts';
import {
  EXAMPLES_SHOWN,
  measureExamples,
  measurePrefix,
  measureThemes,
  SHOWN,
  THEMES_SHOWN,
} from '../../claude/prompt.ts';
import { toParent } from '../../slack/blocks/digest/digest.ts';
import { renderReceipt } from '../../slack/blocks/digest/receipt.ts';
import type { Db, Tx } from '../../store/db/tables.ts';
import { findPostingHold, type Hold } from '../../store/delivery/holds.ts';
import { addEffects } from '../../store/delivery/outbox.ts';
import { countUnpublished, hasNews, hasStillOpen } from '../../store/digest/published.ts';
import { measurePending, type PendingSize } from '../../store/intake/pending.ts';
import { ensureUser } from '../../store/intake/users.ts';
import { countExamples } from '../../store/people/examples.ts';
import { retryRefused } from '../../store/runs/refusals.ts';
import { findOpenRun, openRun, type Run, setExpected, updateRun } from '../../store/runs/runs.ts';
import { countThemes } from '../../store/themes/words.ts';
import type { Context } from '../context.ts';
import { readRenderContext } from '../render-context.ts';
import { describeRun } from './describe.ts';

export type RequestedRun =
  | { kind: 'opened'; run: Run; pending: PendingSize; usd: number | null }
  /** A run is open already; it gets a digest if this request asks for one. */
  | { kind: 'going'; run: Run; pending: PendingSize }
  /** Slack does not let the bot post in the channel. Nothing was started. */
  | { kind: 'held'; hold: Hold }
  /** Nothing is pending or unpublished. */
  | { kind: 'nothing' };

/**
 * Opens a run of a channel for a person or a schedule, if there is something to do. The person sees
 * at once, in the post that becomes the summary, that it is coming.
 */
export async function requestRun(
  tx: Tx,
  context: Context,
  request: Pick<Run, 'channel' | 'cause'> & { requestedBy: string | null; withDigest: boolean },
): Promise<RequestedRun> {
  const {
    clock,
    settings: { taxonomyVersion, model },
  } = context;
  const { channel, cause, requestedBy, withDigest } = request;
  if (requestedBy) await ensureUser(tx, requestedBy);
  const hold = await findPostingHold(tx, channel);
  if (hold) return { kind: 'held', hold };
  const pending = await measurePending(tx, channel, SHOWN);
  const going = await findOpenRun(tx, channel);
  if (going) {
    // Perhaps somebody has mended what Claude has refused.
    if (requestedBy) await retryRefused(tx, going.id, clock.now());
    if (withDigest) await addRequest(tx, context, going, requestedBy);
    return { kind: 'going', run: going, pending };
  }
  if (pending.messages === 0 && !(withDigest && (await isWorthTelling(tx, channel, cause)))) {
    return { kind: 'nothing' };
  }
  const usd = pending.messages === 0 ? 0 : await estimateRun(tx, context, channel, pending);
  const expected = { messages: pending.messages, usd };
  const run = await openRun(tx, { ...request, taxonomyVersion, model, expected }, clock.now());
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
 * Messages that a sweep has found since the run was opened are claimed too: its receipt says so.
 */
export async function estimateAgain(tx: Tx, context: Context, run: Run): Promise<void> {
  const pending = await measurePending(tx, run.channel, SHOWN);
  const usd = pending.messages === 0 ? 0 : await estimateRun(tx, context, run.channel, pending);
  await setExpected(tx, run.id, { messages: pending.messages, usd });
}

/** Gives an open run a digest; the first person who asks for it gets the receipt. */
async function addRequest(
  tx: Tx,
  context: Context,
  run: Run,
  requestedBy: string | null,
): Promise<void> {
  const change = { with_digest: 1, requested_by: run.requested_by ?? requestedBy };
  await updateRun(tx, run.id, change);
  if (run.requested_by === null && requestedBy)
    await addReceipt(tx, context, { ...run, ...change });
}

async function addReceipt(tx: Tx, context: Context, run: Run): Promise<void> {
  const renderContext = await readRenderContext(context, tx);
  const rendered = renderReceipt(await describeRun(tx, context, run), renderContext);
  // A run that has published some of its results has its post already.
  await addEffects(tx, [toParent(run.id, run.channel, rendered)], context.clock.now());
}

/** How many messages are pending in a channel, and about the most that a run of them costs. */
export async function estimatePending(
  context: Context,
  channel: string,
): Promise<{ messages: number; usd: number | null }> {
  const pending = await measurePending(context.db, channel, SHOWN);
  const usd = await estimateRun(context.db, context, channel, pending);
  return { messages: pending.messages, usd };
}

/** About the most that a run of this many messages of a channel costs, in US dollars. */
export async function estimateRun(
  db: Db | Tx,
  { settings: { taxonomy, model } }: Context,
  channel: string,
  { messages, characters }: PendingSize,
): Promise<number | null> {
  const examples = await countExamples(db, channel, EXAMPLES_SHOWN);
  const themes = await countThemes(db, channel, THEMES_AT_ONCE);
  const shown = measureExamples(examples) + measureThemes(Math.min(themes, THEMES_SHOWN));
  const judging = estimateUsd(model, {
    messages,
    characters: characters + messages * shown,
    prefixCharacters: measurePrefix(taxonomy, model),
  });
  const grouping = estimateGroupingUsd(model, measureGrouping(model, messages, themes));
  return judging === null || grouping === null ? null : judging + grouping;
}
