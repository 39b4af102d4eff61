import { measureGrouping } from '../../src/claude/grouping.ts';
import { costOf, estimateGroupingUsd, TIERS } from '../../src/claude/pricing.ts';
import { measureTopics } from '../../src/claude/topics.ts';
import type { Lane } from '../../src/core/runs/lane.ts';
import { readResult } from '../../src/core/runs/verdict.ts';
import { Answers, type Judge, type RecordedGroup } from '../ask/answers.ts';
import { askOpen, findOpen } from '../ask/ask-all.ts';
import type { Asking } from '../ask/asking.ts';
import { type Connecting, type Open, withClaude } from '../ask/connect.ts';
import { buildQuestions, type Question } from '../ask/question.ts';
import type { Environment } from '../environment.ts';
import type { Options } from '../options.ts';
import { PlainError } from '../plain-error.ts';
import type { Plan } from '../plan.ts';
import { type Grouped, groupAsBot, type Judged } from './group-as-bot.ts';
import { keepMessages } from './keep-messages.ts';
import type { ClusterMessage } from './load-clusters.ts';

/** Has messages grouped as the bot would: first their gists are written, then these are grouped. */

export interface Grouping extends Connecting {
  options: Pick<Options, 'answers' | 'fake' | 'yes' | 'lanes'>;
  environment: Environment;
}

/** Where each message was put; what is not in a map is alone. */
export interface Placing {
  judge: Judge | 'recorded';
  /** By the id of the message: a name of its ask. */
  asks: Map<string, string>;
  /** The same for topics; null: nothing was said about topics. */
  topics: Map<string, string> | null;
  gists: Map<string, string>;
  /** Messages that nothing usable was said about, so that they have no gist; and noise. */
  unusable: number;
  noise: number;
  requests: number;
  tokens: { input: number; output: number };
  /** What these answers cost; null: the price of the model is not known. */
  usd: number | null;
  usdNow: number | null;
  answers: { file: string | null; asked: number; kept: number };
}

/** @throws PlainError */
export async function groupAll(messages: ClusterMessage[], what: Grouping): Promise<Placing> {
  const recorded = readRecorded(messages, what.options.answers);
  if (recorded) return recorded;
  const plan = await planGists(messages, what);
  return withClaude(
    what,
    (answers, judge) => findMissing(messages, plan, what, { answers, judge }),
    (asking) => groupNow(messages, plan, what, asking),
  );
}

/** A grouping that was made elsewhere; undefined: there is none. */
function readRecorded(messages: ClusterMessage[], file: string | undefined): Placing | undefined {
  if (file === undefined) return undefined;
  const answers = new Answers(file);
  const found = messages.flatMap(({ id }) => answers.findRecordedGroup(id) ?? []);
  if (found.length === 0) return undefined;
  if (found.length < messages.length) {
    throw new PlainError(
      `${file} says of ${found.length} of ${messages.length} messages where they belong. A grouping counts as a whole: add the others to it, or leave them out of --data.`,
    );
  }
  const named = (name: (one: RecordedGroup) => string | null) =>
    new Map(
      found.flatMap((one): [string, string][] => {
        const group = name(one);
        return group === null ? [] : [[one.id, group]];
      }),
    );
  const hasTopics = found.some(({ topic }) => topic !== null);
  return {
    judge: 'recorded',
    asks: named(({ ask }) => `ask ${ask}`),
    topics: hasTopics ? named(({ ask, topic }) => (topic ? `topic ${topic}` : `ask ${ask}`)) : null,
    gists: new Map(),
    unusable: 0,
    noise: 0,
    requests: 0,
    tokens: { input: 0, output: 0 },
    usd: 0,
    usdNow: 0,
    answers: { file, asked: 0, kept: found.length },
  };
}

/** The bot's own requests about the messages that come without a gist. */
async function planGists(messages: ClusterMessage[], what: Grouping): Promise<Plan> {
  const { options, environment, model } = what;
  const lane: Lane = options.lanes[0] ?? 'batch';
  const { taxonomy, redact } = environment;
  const questions = await buildQuestions(
    messages.filter(({ gist }) => gist === null),
    {
      examplesOf: () => [],
      lane,
      taxonomy,
      model,
      nameOf: () => undefined,
      privacy: { redact },
    },
  );
  const main = { examples: 0, questions: new Map([[lane, questions]]), nearest: null };
  return { points: [main], main };
}

interface Kept {
  answers: Answers;
  judge: Judge;
}

async function findMissing(
  messages: ClusterMessage[],
  plan: Plan,
  what: Grouping,
  kept: Kept,
): Promise<Open> {
  const { model, environment } = what;
  const open = findOpen(plan, { model, taxonomy: environment.taxonomy }, kept.answers, kept.judge);
  // Without the gists nobody knows what the grouping will ask; with them, its answers may be kept.
  if (open.answers === 0) {
    const client = keepMessages(kept, null);
    await group(readGists(messages, plan, what, kept).judged, client, what);
    if (client.missing === 0) return open;
  }
  const sizes = [...Map.groupBy(messages, ({ channel }) => channel).values()];
  const most = sizes.flatMap(({ length }) => [
    measureGrouping(model, length, 0),
    measureTopics(model, length),
  ]);
  const usd = most.map((one) => estimateGroupingUsd(model, one));
  const known = usd.filter((one) => one !== null);
  return {
    answers: open.answers + most.reduce((sum, { requests }) => sum + requests, 0),
    usd:
      open.usd === null || known.length < usd.length
        ? null
        : known.reduce((sum, one) => sum + one, open.usd),
  };
}

async function groupNow(
  messages: ClusterMessage[],
  plan: Plan,
  what: Grouping,
  asking: Asking,
): Promise<Placing> {
  const { model, environment } = what;
  const judged = await askOpen(plan, { model, taxonomy: environment.taxonomy }, asking);
  const gists = readGists(messages, plan, what, asking);
  asking.say(`Grouping ${gists.judged.length} messages`);
  const client = keepMessages(asking, asking);
  const grouped = await group(gists.judged, client, what);
  client.check();
  const add = (one: number | null, other: number | null) =>
    one === null || other === null ? null : one + other;
  return {
    judge: asking.judge,
    asks: new Map([...grouped.themes].map(([id, theme]) => [id, `theme ${theme}`])),
    topics: grouped.topics,
    gists: new Map(gists.judged.map(({ id, gist }) => [id, gist])),
    unusable: gists.unusable,
    noise: gists.noise,
    requests: grouped.requests,
    tokens: {
      input: gists.tokens.input + grouped.tokens.input,
      output: gists.tokens.output + grouped.tokens.output,
    },
    usd: add(gists.usd, grouped.usd),
    usdNow: add(judged.usdNow, client.usdNow),
    answers: {
      file: asking.answers.file ?? null,
      asked: judged.asked + client.asked,
      kept: judged.kept + client.kept,
    },
  };
}

function group(judged: Judged[], claude: KeptClient, what: Grouping): Promise<Grouped> {
  const { model, environment } = what;
  const { taxonomy, redact } = environment;
  return groupAsBot(judged, { claude, model, taxonomy, privacy: { redact } });
}

type KeptClient = ReturnType<typeof keepMessages>;

/** What the bot would group: gists of the file, and those that were written of the other messages. */
function readGists(messages: ClusterMessage[], plan: Plan, what: Grouping, kept: Kept) {
  const [[lane, questions] = ['batch' as Lane, [] as Question[]]] = plan.main.questions;
  const keyOf = new Map(questions.map(({ message, key }) => [message.id, key]));
  const judged: Judged[] = [];
  const spent = { unusable: 0, noise: 0, tokens: { input: 0, output: 0 } };
  let nanoUsd: number | null = 0;
  for (const { id, channel, ts, gist } of messages) {
    if (gist !== null) {
      judged.push({ id, channel, ts, gist });
      continue;
    }
    const result = kept.answers.find(keyOf.get(id) ?? '', lane, kept.judge)?.result;
    const reading = readResult(result, what.environment.taxonomy);
    if (reading.usage) {
      const cost = costOf(what.model, reading.usage, TIERS[lane]);
      spent.tokens.input += cost.inputTokens;
      spent.tokens.output += cost.outputTokens;
      nanoUsd = nanoUsd === null || cost.nanoUsd === null ? null : nanoUsd + cost.nanoUsd;
    }
    if (reading.kind !== 'judged') spent.unusable++;
    else if (isNoise(reading.judgement.category, what)) spent.noise++;
    else judged.push({ id, channel, ts, gist: reading.judgement.gist });
  }
  return { ...spent, judged, usd: nanoUsd === null ? null : nanoUsd / 1e9 };
}

/** The bot groups no noise. */
const isNoise = (category: string, { environment }: Grouping) =>
  environment.taxonomy.categories.find(({ key }) => key === category)?.emoji == null;
