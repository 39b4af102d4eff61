import { readFileSync } from 'node:fs';
import path from 'node:path';
import { chartDays } from '../../../../src/core/digest/chart.ts';
import {
  type About,
  type Asked,
  addPublished,
  composeDigest,
  type DeadMessage,
  type Digest,
  type DigestFacts,
  type Praise,
  type PublishedByRank,
  type PublishedMessage,
  SHOWN,
} from '../../../../src/core/digest/digest.ts';
import type { UnsureMessage } from '../../../../src/core/digest/unsure.ts';
import { DEFAULT_EMOJI } from '../../../../src/core/people/acts.ts';
import type { OpenFlag } from '../../../../src/core/people/card.ts';
import type { Honesty } from '../../../../src/core/people/honesty.ts';
import {
  DEFAULT_TAXONOMY,
  findFlagRule,
  type Sentiment,
} from '../../../../src/core/runs/taxonomy.ts';
import type { ThemeFacts } from '../../../../src/core/themes/themes.ts';
import type { LinkOf } from '../../../../src/slack/blocks/digest/summary-detail.ts';
import type { RenderContext } from '../../../../src/slack/blocks/render-context.ts';

/** Digests to render, and the words to fill them with. */

export const WORKSPACE = 'https://acme.slack.com/';
export const CHANNEL = 'C0FEEDBACK';
/** 2024-11-22T10:40:00Z, a Friday. */
export const START = 1_732_272_000_000;

export const renderContext: RenderContext = {
  workspaceUrl: WORKSPACE,
  hosted: null,
  nameOf: (user: string) =>
    ({
      U0ANA: 'Ana Gomez',
      U0BOB: 'Bob <!here>',
      U0SAMI: 'سامي',
      U0LONG: 'Adolph Blaine Charles David Earl Frederick Gerald Hubert Irvin John Kenneth Lloyd',
    })[user],
  timeZone: 'Europe/Paris',
  emoji: DEFAULT_EMOJI,
};

export const tsOf = (n: number) => `${1_732_200_000 + n}.000100`;

/** What is known of a message that is told of. */
export type Published = PublishedMessage & Praise & { sentiment: Sentiment };

/** The nth message of a digest, flagged by the rules as any verdict is. */
export function published(n: number, more: Partial<Published> = {}): Published {
  const message = {
    ts: tsOf(n),
    threadTs: null,
    author: 'U0ANA',
    authorName: null,
    text: `This is what message ${n} says.`,
    category: 'bug',
    also: null,
    sentiment: 'neutral' as const,
    urgency: 'low' as const,
    gist: `What message ${n} says`,
    confidence: 0.9,
    copies: [],
    ...more,
  };
  return { flagged: findFlagRule(DEFAULT_TAXONOMY, message) !== undefined, ...message };
}

type RunFacts = Extract<About, { kind: 'run' }>;

/** What a digest may have besides its messages. */
export type More = Partial<DigestFacts> &
  Partial<Omit<RunFacts, 'kind'>> & {
    dead?: DeadMessage[];
    /** Open flags of earlier digests, and how many there are. */
    earlier?: OpenFlag[];
    earlierTotal?: number;
    /** How many have no card. */
    beyond?: number;
    unsure?: UnsureMessage[];
    asked?: Asked | null;
    honesty?: Honesty | null;
  };

const RANK = { high: 0, medium: 1, low: 2 };

type Ranked = OpenFlag & { urgency: keyof typeof RANK };

const toFlag = ({ ts, threadTs, gist, text, category, urgency }: Published): Ranked => ({
  ts,
  threadTs,
  gist,
  text: gist === '' ? text : '',
  category,
  urgency,
  state: 'open',
  by: null,
  openedAt: START,
  claimEndedOf: null,
});

const rankOf = (flag: OpenFlag & { urgency?: keyof typeof RANK }) =>
  (flag.state === 'claimed' ? 10 : 0) + RANK[flag.urgency ?? 'low'];
const byPressing = (a: OpenFlag, b: OpenFlag) =>
  rankOf(a) - rankOf(b) || a.openedAt - b.openedAt || (a.ts < b.ts ? -1 : 1);
const hasEmoji = ({ category }: Published) =>
  DEFAULT_TAXONOMY.categories.some(({ key, emoji }) => key === category && emoji);

/** A digest whose numbers are those of its messages. */
export function digestOf(messages: Published[], more: More = {}): Digest {
  const groups = Map.groupBy(messages, ({ category }) => category);
  const {
    dead: died = [],
    earlier = [],
    earlierTotal = earlier.length,
    beyond = 0,
    unsure = [],
    asked = null,
    honesty = null,
    ...rest
  } = more;
  const flagged = messages.filter((message) => message.flagged);
  const flags = [...flagged.map((message) => toFlag(message)), ...earlier];
  const writtenAt = START + 7 * 60_000;
  const run: RunFacts = {
    kind: 'run',
    run: 7,
    startedAt: START,
    endedAt: writtenAt,
    requestedBy: 'U0ANA',
    model: 'claude-haiku-5-5',
    taxonomyVersion: 3,
    costUsd: 0.0031,
    againTotal: 0,
    awaitedTotal: 0,
    paidTwice: 0,
  };
  const about = Object.fromEntries(
    Object.entries(run).map(([key, value]) => [key, key in more ? more[key as keyof More] : value]),
  ) as RunFacts;
  const days = chartDays(writtenAt, renderContext.timeZone);
  const facts: DigestFacts = {
    channel: CHANNEL,
    writtenAt,
    total: messages.length,
    attention: {
      fresh: flagged.length,
      earlier: earlierTotal,
      unclaimed: flagged.length + earlierTotal - flags.filter(({ by }) => by !== null).length,
      oldestAt: flags.length > 0 ? Math.min(...flags.map(({ openedAt }) => openedAt)) : null,
      flags: flags.sort(byPressing).slice(0, SHOWN.attention),
    },
    settledTotal: 0,
    praise: messages
      .filter((one) => one.sentiment === 'positive' && !one.flagged && hasEmoji(one))
      .sort((a, b) => b.confidence - a.confidence || (a.ts > b.ts ? -1 : 1))
      .slice(0, SHOWN.praise),
    deadTotal: died.length,
    goneEmoji: [],
    countByCategory: new Map([...groups].map(([key, group]) => [key, group.length])),
    before: null,
    themes: [],
    topics: [],
    merges: [],
    days,
    dailyCounts: new Map(),
    ...rest,
    about: more.about ?? about,
  };
  const lists: PublishedByRank = new Map();
  for (const message of messages) addPublished(lists, message);
  const composed = composeDigest(facts, { lists, dead: died }, DEFAULT_TAXONOMY);
  return { ...composed, beyond, unsure, asked, honesty };
}

/** Nothing of the thread is posted yet. */
export const nowhere: LinkOf = () => undefined;
/** All of it is. */
export const posted: LinkOf = (key) =>
  `${WORKSPACE}archives/${CHANNEL}/p17322720000${String(key.length).padStart(6, '0')}?thread_ts=1732272000.000001&cid=${CHANNEL}`;

export const theme = (id: number, more: Partial<ThemeFacts> = {}): ThemeFacts => ({
  id,
  title: `Theme ${id}`,
  fresh: 5,
  month: 11,
  monthMessages: 14,
  firstSeen: Date.parse('2024-11-12T10:00:00Z'),
  lastSeen: START,
  trend: 'growing',
  latest: { ts: tsOf(id), threadTs: null },
  ...more,
});

/** A fortnight of a channel, by category. */
export const fortnight = (...keys: string[]) =>
  new Map(
    keys.map((key, n) => [key, chartDays(START, 'UTC').map((_, day) => (day * (n + 3)) % 7)]),
  );

export const dead = (n: number, more: Partial<DeadMessage> = {}): DeadMessage => ({
  ts: tsOf(n),
  threadTs: null,
  text: `This is what message ${n} says.`,
  reason: 'Claude declined to answer',
  copies: [],
  ...more,
});

/** Told of by an earlier digest, so many hours before this one was written. */
export const stillOpen = (hours: number, more: Partial<OpenFlag> = {}): OpenFlag => ({
  ts: tsOf(-hours),
  threadTs: null,
  gist: `What was said ${hours} hours ago`,
  state: 'open',
  by: null,
  text: '',
  category: 'bug',
  openedAt: START + 7 * 60_000 - hours * 3_600_000,
  claimEndedOf: null,
  ...more,
});

/** Real feedback: Mini-BAR by Jialiang Wei, MIT; see sim/feedback. */
export function readFeedback(n: number): string[] {
  const file = path.join(import.meta.dirname, '../../../../sim/feedback/feedback.jsonl');
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(0, n);
  return lines.map((line) => (JSON.parse(line) as { text: string }).text);
}

/** What somebody might write to break out of a summary. */
export const HOSTILE = [
  '<!channel> everybody look',
  '&lt;!channel&gt; everybody look',
  'ask <@U1> or <@U0ANA|the boss> in <#C1|general>',
  '<https://evil.example/login|https://bank.example>',
  '[bank](https://evil.example) and *bold* _it_ ~s~',
  '```code``` and `ticks` and\n> a quote',
  'שלום \u202eevil\u202c مرحبا',
  '🎉🎉🎉👩🏽‍🚀🇫🇷',
  ':tada: :bug: @here @channel',
  '"}],"type":"section"} \\" \\\\',
  '<'.repeat(3000),
  'x'.repeat(40_000),
  '\u0000\ud83d \n\t ',
  '',
];
