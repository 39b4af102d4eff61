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
import { measureTopics } from '../../claude/topics.ts';
import { startOfMonth } from '../../core/calendar.ts';
import { DAY_MS } from '../../core/durations.ts';
import { type Budget, lanesWithin } from '../../core/runs/budget.ts';
import { decideLane, type Lane, type LaneFacts } from '../../core/runs/lane.ts';
import type { Db, Tx } from '../../store/db/tables.ts';
import { listMemberChannels } from '../../store/intake/channels.ts';
import { measurePending, measureSince, type PendingSize } from '../../store/intake/pending.ts';
import { countExamples } from '../../store/people/examples.ts';
import { readCommitted } from '../../store/runs/costs.ts';
import type { Run } from '../../store/runs/runs.ts';
import { countThemes } from '../../store/themes/words.ts';
import type { Context } from '../context.ts';
import { createPause } from '../slices.ts';

/** What a run costs, said before it is spent; and the lane that follows from it. */

/** About the most that it costs in each lane, in US dollars; null when a price is not known. */
export type Prices = Record<Lane, number | null>;

/** How many messages are pending in a channel, and about the most that a person's run of them costs. */
export async function estimatePending(
  context: Context,
  channel: string,
): Promise<{ messages: number; usd: number | null }> {
  const pending = await measurePending(context.db, channel, SHOWN, createPause());
  return { messages: pending.messages, usd: await quoteRun(context.db, context, channel, pending) };
}

/** About the most that a run costs which a person asks for now, in US dollars, in the lane that it takes. */
export async function quoteRun(
  db: Db | Tx,
  context: Context,
  channel: string,
  size: PendingSize,
): Promise<number | null> {
  const prices = await estimateRun(db, context, channel, size);
  const facts = { cause: 'person' as const, messages: size.messages, dueAt: null };
  const lane = chooseLane(context, facts, prices, await readBudget(db, context));
  return prices[lane?.lane ?? 'batch'];
}

/** What the messages of the last 30 days, of all channels, cost at most in batches, and one by one. */
export async function priceMonth(
  context: Pick<Context, 'db' | 'clock' | 'settings'>,
): Promise<Prices> {
  const { db, clock, settings } = context;
  let messages = 0;
  let characters = 0;
  for (const { id } of await listMemberChannels(db)) {
    const posted = await measureSince(db, id, clock.now() - 30 * DAY_MS, SHOWN);
    messages += posted.messages;
    characters += posted.characters;
  }
  const prefixCharacters = measurePrefix(settings.taxonomy, settings.model);
  const price = (lane: Lane, at: number) =>
    estimateUsd(settings.model, lane, {
      messages: at,
      characters: messages === 0 ? 0 : (characters / messages) * at,
      prefixCharacters,
    });
  const one = price('express', 1);
  return {
    batch: price('batch', messages),
    // Mostly alone: nothing of the prompt is in the cache.
    express: one === null ? null : one * messages,
  };
}

/** The characters of a message, on average: docs/operate.md. */
const USUAL_LENGTH = 145;

/** About the most that so many messages of usual length cost in a batch, in US dollars; null: not known. */
export const priceUsual = ({ taxonomy, model }: Context['settings'], messages: number) =>
  estimateUsd(model, 'batch', {
    messages,
    characters: messages * USUAL_LENGTH,
    prefixCharacters: measurePrefix(taxonomy, model),
  });

/** The month's budget; null when there is none. */
export async function readBudget(
  db: Db | Tx,
  { clock, settings: { monthlyBudgetUsd, timeZone } }: Pick<Context, 'clock' | 'settings'>,
): Promise<Budget | null> {
  if (monthlyBudgetUsd === null) return null;
  const since = startOfMonth(clock.now(), timeZone);
  return { usd: monthlyBudgetUsd, committedUsd: await readCommitted(db, since) };
}

/** The lane of a run at these prices; null when the budget allows none. */
export function chooseLane(
  { clock, settings }: Context,
  facts: Pick<LaneFacts, 'cause' | 'messages' | 'dueAt'>,
  prices: Prices,
  budget: Budget | null,
) {
  return decideLane({
    ...facts,
    latenessMs: settings.summaryLatenessMs,
    now: clock.now(),
    expressUsd: prices.express,
    expressUpToUsd: settings.expressUpToUsd,
    allowed: lanesWithin(budget, prices),
  });
}

/** About the most that a run of this many messages of a channel costs in each lane. */
export async function estimateRun(
  db: Db | Tx,
  { settings: { taxonomy, model } }: Pick<Context, 'settings'>,
  channel: string,
  { messages, characters }: PendingSize,
): Promise<Prices> {
  if (messages === 0) return { batch: 0, express: 0 };
  const examples = await countExamples(db, channel, EXAMPLES_SHOWN);
  const themes = await countThemes(db, channel, THEMES_AT_ONCE);
  const shown = measureExamples(examples) + measureThemes(Math.min(themes, THEMES_SHOWN));
  const size = {
    messages,
    characters: characters + messages * shown,
    prefixCharacters: measurePrefix(taxonomy, model),
  };
  const grouping = estimateGroupingUsd(model, measureGrouping(model, messages, themes));
  const naming = estimateGroupingUsd(model, measureTopics(model, messages + themes));
  const priceOf = (lane: Lane) => {
    const judging = estimateUsd(model, lane, size);
    return judging === null || grouping === null || naming === null
      ? null
      : judging + grouping + naming;
  };
  return { batch: priceOf('batch'), express: priceOf('express') };
}

/** For whom a run is, as far as its lane goes by that: a scheduled one may have become a person's. */
export const laneCauseOf = ({
  cause,
  requested_by,
}: Pick<Run, 'cause' | 'requested_by'>): LaneFacts['cause'] => {
  if (requested_by !== null) return 'person';
  return cause === 'live' ? 'live' : 'schedule';
};
