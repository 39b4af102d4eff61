import { hash } from 'node:crypto';
import { buildGrouping } from '../../src/claude/grouping.ts';
import { buildTopics } from '../../src/claude/topics.ts';
import { toPlainText } from '../../src/core/text.ts';
import { type Io, STAND_IN_NOTE } from '../ask/connect.ts';
import { readEnvironment } from '../environment.ts';
import type { Options } from '../options.ts';
import { type Placed, scoreClusters } from '../score/clusters.ts';
import { chooseThreshold, groupByWords } from '../score/tf-idf.ts';
import { groupAll, type Placing } from './group-all.ts';
import { type ClusterMessage, drawClusters, loadClusters } from './load-clusters.ts';
import type { Levels, Mismatch, ThemesReport } from './themes-report.ts';

/** Measures how well messages are grouped. @throws PlainError for what a person can mend */
export async function evaluateThemes(
  options: Options,
  variables: NodeJS.ProcessEnv,
  io: Io,
): Promise<ThemesReport> {
  const { seed } = options;
  const environment = await readEnvironment(variables, options.taxonomy);
  const model = options.model ?? environment.model;
  const { messages, source } = loadClusters(options.data);
  const { sample, rest } = drawClusters(messages, options.sample ?? messages.length, seed);
  const began = io.clock.now();
  const placing = await groupAll(sample, { options, environment, model, io });
  const seconds = (io.clock.now() - began) / 1000;

  const asks = placeAll(sample, placing.asks);
  const topics = placing.topics && placeAll(sample, placing.topics);
  const channels = [...new Set(sample.map(({ channel }) => channel))].sort();
  const thresholds = new Map(
    channels.map((channel) => [channel, chooseThreshold(listOthers(channel, sample, rest))]),
  );
  const baseline = new Map(
    channels.flatMap((channel) => {
      const own = sample.filter((message) => message.channel === channel);
      const placed = groupByWords(own.map(toWords), thresholds.get(channel) ?? 1);
      return own.map(({ id }, index) => [id, placed[index]?.group ?? id] as const);
    }),
  );
  const byWords = placeAll(sample, baseline);
  const score = (channel?: string): Levels => {
    const of = (placed: Placed[]) =>
      scoreClusters(
        placed.filter((_, index) => channel === undefined || sample[index]?.channel === channel),
        seed,
      );
    return { asks: of(asks), topics: topics && of(topics), tfIdf: of(byWords) };
  };
  return {
    judge: placing.judge,
    note: describeJudge(placing),
    model,
    seed,
    prompt: hash('sha256', readPrompt(model)).slice(0, 12),
    data: {
      source,
      labelled: messages.length,
      grouped: sample.length,
      rest: rest.length,
    },
    ...score(),
    channels: Object.fromEntries(
      channels.map((channel) => [
        channel,
        { ...score(channel), threshold: thresholds.get(channel) ?? 1 },
      ]),
    ),
    unusable: placing.unusable,
    noise: placing.noise,
    requests: placing.requests,
    tokens: placing.tokens,
    usd: placing.usd,
    usdNow: placing.usdNow,
    seconds,
    answers: placing.answers,
    mixed: listMixed(sample, asks, placing),
    split: listSplit(sample, topics ?? asks, placing),
  };
}

/** What was put nowhere is alone. */
const placeAll = (messages: ClusterMessage[], groups: Map<string, string>): Placed[] =>
  messages.map(({ id, channel, cluster }) => ({
    cluster,
    group: `${channel} ${groups.get(id) ?? `alone ${id}`}`,
  }));

/** Messages on which a threshold may be chosen: other channels, and what was not drawn. */
const listOthers = (channel: string, sample: ClusterMessage[], rest: ClusterMessage[]) =>
  [...sample.filter((message) => message.channel !== channel), ...rest].map(toWords);

const toWords = ({ channel, cluster, text }: ClusterMessage) => ({
  channel,
  cluster,
  text: toPlainText(text, () => ''),
});

const readPrompt = (model: string) =>
  buildGrouping({ gists: [], themes: [] }, model, { redact: false }).system +
  buildTopics({ asks: [], known: [] }, model, { redact: false }).system;

function describeJudge({ judge, answers }: Placing): string | null {
  switch (judge) {
    case 'claude':
      return null;
    case 'stand-in':
      return STAND_IN_NOTE;
    case 'recorded':
      return `A grouping that was recorded elsewhere (${answers.file}) was measured: nobody was asked.`;
    default:
      return judge satisfies never;
  }
}

/** Groups with messages of several clusters, the largest first. */
function listMixed(sample: ClusterMessage[], placed: Placed[], placing: Placing): Mismatch[] {
  return compare(sample, placed, placing, 'group', 'cluster');
}

/** Clusters whose messages are in several groups, the largest first. */
function listSplit(sample: ClusterMessage[], placed: Placed[], placing: Placing): Mismatch[] {
  return compare(sample, placed, placing, 'cluster', 'group');
}

function compare(
  sample: ClusterMessage[],
  placed: Placed[],
  { gists }: Placing,
  whole: keyof Placed,
  part: keyof Placed,
): Mismatch[] {
  const pairs = sample.map((message, index) => ({ message, place: placed[index] as Placed }));
  return [...Map.groupBy(pairs, ({ place }) => place[whole]).values()]
    .map((members) => {
      const parts = [...Map.groupBy(members, ({ place }) => place[part]).values()]
        .map((some) => ({
          cluster: some[0]?.place.cluster ?? '',
          messages: some.map(({ message }) => gists.get(message.id) ?? toWords(message).text),
        }))
        .sort((one, other) => other.messages.length - one.messages.length);
      return { size: members.length, parts };
    })
    .filter(({ parts }) => parts.length > 1)
    .sort((one, other) => other.size - one.size);
}
