import type { SimMessage } from '../../sim/slack/types.ts';
import type { World } from './world.ts';

/**
 * What people see at the end of a day, one line a fact. What may differ from world to world without
 * anybody minding is left out or named: timestamps become the names of the messages, runs become
 * the place of their summary, and dates and durations are blotted out.
 */

export interface Seen {
  facts: string[];
  /** Made at Claude: every one is billed. */
  batches: number;
  /** Messages that Claude was asked about outside batches, each as often as it was asked. */
  asked: string[];
  /** Messages that Claude was asked about in a rehearsal, each as often as it was asked. */
  rehearsed: string[];
  /** Answers of which the summaries say that they may have been paid twice: on some days some are. */
  doubtful: number;
  /** Answers that were in flight when the bot died. They alone may be asked for, and paid, twice. */
  lost: number;
  /** What was said to one person, which at a crash may be lost rather than said twice. */
  whispers: string[];
}

export function lookAround(world: World): Seen {
  const { slack, claude, channel, messages, results } = world;
  const posts = slack.messages(channel).filter(({ bot_id }) => bot_id === slack.botId);
  const parents = posts.filter(({ thread_ts, ts }) => !thread_ts || thread_ts === ts);
  const threads = parents.map(({ ts }) => slack.thread(channel, ts));
  const strays = posts.filter((post) => !threads.some((thread) => thread.includes(post)));
  const keys = posts.map(keyOf);
  const replies = posts.filter((post) => !parents.includes(post));

  const name = (text: string) => {
    let named = text.replaceAll(slack.url, 'https://workspace');
    for (const [message, ts] of messages) {
      named = named.replaceAll(ts, message).replaceAll(`p${ts.replace('.', '')}`, message);
    }
    for (const [index, { ts }] of parents.entries()) {
      named = named.replaceAll(ts, `summary-${index + 1}`);
    }
    // The summary leads to its lists.
    for (const reply of replies)
      named = named.replaceAll(`p${reply.ts.replace('.', '')}`, withoutRuns(keyOf(reply)));
    return named;
  };
  const facts = [
    ...[...messages].map(([message, ts]) => `${message} ${describeMessage(world, ts)}`),
    ...threads.flatMap((thread, index) =>
      thread.map((post) => `summary ${index + 1}: ${name(describePost(world, post))}`),
    ),
    ...strays.map((post) => `in no summary: ${name(describePost(world, post))}`),
    ...[...results].map(([result, words]) => `${result} showed ${name(words)}`),
    ...keys
      .filter((key, index) => keys.indexOf(key) !== index)
      .map((key) => `posted twice: ${name(key)}`),
  ];
  return {
    facts: facts.sort(),
    batches: claude.batches().length,
    asked: listAsked(claude.asked.filter((prompt) => !world.rehearsed.has(prompt))),
    rehearsed: listAsked(claude.asked.filter((prompt) => world.rehearsed.has(prompt))),
    doubtful: sum(parents.map(countDoubtful)),
    lost: world.lost(),
    whispers: slack.calls
      .filter(({ method, ok }) => method === 'chat.postEphemeral' && ok)
      .map(({ args }) => String(args.text)),
  };
}

/** @returns undefined when nobody could tell the two worlds apart */
export function describeDifference(expected: Seen, actual: Seen): string | undefined {
  const missing = expected.facts.filter((fact) => !actual.facts.includes(fact));
  const added = actual.facts.filter((fact) => !expected.facts.includes(fact));
  const differences = [
    ...missing.map((fact) => `- ${cutFrom(fact, added)}`),
    ...added.map((fact) => `+ ${cutFrom(fact, missing)}`),
  ];
  if (differences.length === 0 && actual.facts.length !== expected.facts.length) {
    differences.push(`${actual.facts.length} facts instead of ${expected.facts.length}`);
  }
  if (actual.batches > expected.batches) {
    differences.push(`${actual.batches} batches were paid for instead of ${expected.batches}`);
  }
  differences.push(...describePaidTwice(expected, actual));
  const { whispers } = actual;
  for (const whisper of new Set(whispers)) {
    const times = whispers.filter((text) => text === whisper).length;
    if (times > 1) differences.push(`said ${times} times to one person: ${whisper}`);
    if (!expected.whispers.includes(whisper)) differences.push(`said to one person: ${whisper}`);
  }
  return differences.length === 0 ? undefined : differences.join('\n');
}

/** What was asked again and was not in flight, and what the summaries do not admit or make up. */
function describePaidTwice(expected: Seen, { asked, rehearsed, doubtful, lost }: Seen): string[] {
  const again = countAgain(asked);
  const twice = countAgain(rehearsed);
  const once = [
    ...asked.filter((text) => !expected.asked.includes(text)),
    ...rehearsed.filter((text) => !expected.rehearsed.includes(text)),
  ];
  return [
    ...[...new Set(once)].map((text) => `asked about outside batches: ${text}`),
    ...(twice > lost ? [`${twice} answers were rehearsed twice, and ${lost} were in flight`] : []),
    ...(again > lost ? [`${again} answers were paid twice, and ${lost} were in flight`] : []),
    ...(doubtful - expected.doubtful > lost
      ? [`${doubtful} answers are called doubtful, ${lost} were in flight`]
      : []),
    ...(doubtful - expected.doubtful < again
      ? [`${again} answers were paid twice, ${doubtful} are said to be`]
      : []),
  ];
}

const countAgain = (asked: string[]) => asked.length - new Set(asked).size;

/** A fact's beginning, and what comes where it parts from the one that is most like it. */
function cutFrom(fact: string, others: string[]): string {
  const common = Math.max(0, ...others.map((other) => countCommon(fact, other)));
  if (fact.length <= 400 || common < 200) return fact.slice(0, 400);
  return `${fact.slice(0, 150)} … ${fact.slice(Math.max(150, common - 50), common + 200)}`;
}

function countCommon(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

function describeMessage(world: World, ts: string): string {
  const message = world.slack.message(world.channel, ts);
  return message ? `has ${describeReactions(world, message) || 'no reaction'}` : 'is deleted';
}

/** Whose they are as well: the bot takes back none but its own. In which order they came is chance. */
function describeReactions({ slack }: World, { reactions }: SimMessage): string {
  const nameOf = (user: string) => (user === slack.botUserId ? 'the bot' : user);
  return reactions
    .map(({ name, users }) => `:${name}: of ${users.map(nameOf).sort().join(' and ')}`)
    .sort()
    .join(', ');
}

function describePost(world: World, post: SimMessage): string {
  const { metadata, text, blocks } = post;
  const ids = withoutRuns(JSON.stringify(metadata ?? {}));
  return (
    `${ids} ${text} ${JSON.stringify(blocks ?? [])} ${describeReactions(world, post)}`
      .replace(/,"block_id":"\w+"/g, '')
      // The number of an act: who is not answered presses again.
      .replace(/(?<="block_id":"about-[\w.-]+-a)\d+(?=")/g, '#')
      .replace(/"timestamp":\d+,("format":"[^"]*"),"fallback":"[^"]*"/g, '$1')
      .replace(/\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?|since) \d+ \w+/g, 'today')
      // What it cost hangs on what Claude still had cached, and how long it took on the crash.
      .replace(PAID_TWICE, '')
      .replace(/(?<=["·] ?)\$[\d.]+(?: · [^"·]+)?(?= · (?:requested by |on schedule))/g, 'cost')
  );
}

/** A server that was killed may leave out ids of runs. */
const withoutRuns = (ids: string) => ids.replace(/(?<=-r|"run":)\d+/g, '#');

const PAID_TWICE = / · (\d+) answers? may have been paid twice/g;

const countDoubtful = ({ blocks }: SimMessage): number =>
  sum([...JSON.stringify(blocks ?? []).matchAll(PAID_TWICE)].map(([, answers]) => Number(answers)));

const sum = (numbers: number[]): number => numbers.reduce((one, other) => one + other, 0);

const listAsked = (prompts: World['claude']['asked']): string[] =>
  prompts.flatMap(({ messages: [first] }) => readAsked(first?.content) ?? []);

/** The message that a prompt is about; undefined: it is about groups. */
const readAsked = (content: unknown): string | undefined =>
  /<message>\\n(.*?)\\n<\/message>/.exec(JSON.stringify(content))?.[1];

function keyOf({ metadata, ts }: SimMessage): string {
  const payload = metadata?.event_payload;
  const key = typeof payload === 'object' && payload !== null && 'key' in payload && payload.key;
  return typeof key === 'string' ? key : `without a key at ${ts}`;
}
