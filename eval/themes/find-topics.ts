import { costOf } from '../../src/claude/pricing.ts';
import { ASKS_AT_ONCE, requestTopics } from '../../src/claude/topics.ts';
import { readTopics, type Topic } from '../../src/core/themes/topics.ts';
import type { Grouped, GroupedAsk, Grouping } from './group-as-bot.ts';

/** What stands above the asks, each channel apart: one request for its most common asks. */

/** This many useless answers are enough. */
const MAX_TRIES = 3;

export type WithTopics = Grouped & {
  /** By the id of the message: its topic, or else its ask. */
  topics: Map<string, string>;
};

/** Adds topics, and what they cost, to what was grouped. */
export async function findTopics(grouped: Grouped, grouping: Grouping): Promise<WithTopics> {
  const spent = { requests: 0, input: 0, output: 0, nanoUsd: 0 as number | null };
  const topicOf = new Map<number, string>();
  for (const [channel, asks] of Map.groupBy(grouped.asks, (one) => one.channel)) {
    const topics = await askForTopics(asks, grouping, (usage) => {
      const cost = costOf(grouping.model, usage, 'standard');
      spent.requests++;
      spent.input += cost.inputTokens;
      spent.output += cost.outputTokens;
      spent.nanoUsd =
        spent.nanoUsd === null || cost.nanoUsd === null ? null : spent.nanoUsd + cost.nanoUsd;
    });
    for (const { title, asks: ids } of topics) {
      for (const id of ids) topicOf.set(id, `topic ${channel} ${title}`);
    }
  }
  const { requests, tokens, usd } = grouped;
  return {
    ...grouped,
    topics: new Map(
      [...grouped.themes].map(([id, theme]) => [id, topicOf.get(theme) ?? `theme ${theme}`]),
    ),
    requests: requests + spent.requests,
    tokens: { input: tokens.input + spent.input, output: tokens.output + spent.output },
    usd: usd === null || spent.nanoUsd === null ? null : usd + spent.nanoUsd / 1e9,
  };
}

async function askForTopics(
  asks: GroupedAsk[],
  { claude, model, privacy }: Grouping,
  bill: (usage: Parameters<typeof costOf>[1]) => void,
): Promise<Topic[]> {
  const common = asks
    .toSorted((one, other) => other.messages - one.messages)
    .slice(0, ASKS_AT_ONCE);
  if (common.length < 2) return [];
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const answer = await requestTopics(claude, common, model, privacy);
    if (answer.kind !== 'ok') continue;
    const ids = common.map(({ id }) => id);
    const reading = readTopics(answer.value, ids);
    if (reading.usage) bill(reading.usage);
    if (reading.kind === 'topics') return reading.topics;
  }
  return [];
}
