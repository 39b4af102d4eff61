import { chartDays, composeChart } from '../../../src/core/digest/chart.ts';
import {
  FLAGS_ON_PAGE,
  type HomeFacts,
  type HomeRun,
  type RunUnderWay,
} from '../../../src/core/home/facts.ts';
import { countChoices, type FlagGroup, NO_FILTER } from '../../../src/core/home/filter.ts';
import { DEFAULT_TAXONOMY } from '../../../src/core/runs/taxonomy.ts';
import { CHANNEL, START, tsOf } from './digest/digests.ts';
import { cardOf } from './people/cards.ts';

/** Home tabs to render. */

const HOUR_MS = 3_600_000;

export const homeRun = (n: number, more: Partial<HomeRun> = {}): HomeRun => ({
  channel: CHANNEL,
  startedAt: START - n * 24 * HOUR_MS,
  endedAt: START - n * 24 * HOUR_MS + 7 * 60_000,
  messages: 42 + n,
  usd: 0.0031,
  requestedBy: null,
  canceled: false,
  digestTs: tsOf(10_000 - n),
  ...more,
});

/** A run that has 12 of its 66 messages classified. */
export const runUnderWay = (run: number, more: Partial<RunUnderWay> = {}): RunUnderWay => ({
  channel: CHANNEL,
  run,
  messages: 66,
  stage: { kind: 'judging', judged: 12 },
  trouble: null,
  cause: null,
  expected: { mostly: START + 7 * 60_000, nearlyAlways: START + 30 * 60_000 },
  overdue: false,
  digestTs: tsOf(10_000 + run),
  ...more,
});

const DAYS = chartDays(START, 'Europe/Paris');

/** So much of each category a day. */
export const chartOf = (perDay: Record<string, number[]>) =>
  composeChart(DAYS, new Map(Object.entries(perDay)), DEFAULT_TAXONOMY);

/** The open flags by what they have in common: a fifth is claimed, half of these by the person. */
function groupsOf(flags: number): FlagGroup[] {
  const claimed = Math.floor(flags / 5);
  const mine = Math.floor(claimed / 2);
  const common = { channel: CHANNEL, category: 'bug', also: null };
  return [
    { ...common, whose: 'unclaimed' as const, flags: flags - claimed },
    { ...common, whose: 'mine' as const, flags: mine },
    { ...common, whose: 'others' as const, flags: claimed - mine },
  ].filter((group) => group.flags > 0);
}

/** The Home tab of somebody who is in one channel, with so many open flags. */
export function homeOf(flags: number, more: Partial<HomeFacts> = {}): HomeFacts {
  const page = more.page ?? 0;
  const onPage = Math.min(FLAGS_ON_PAGE, flags - page * FLAGS_ON_PAGE);
  return {
    watching: true,
    channels: [{ id: CHANNEL, name: 'feedback', pending: 17, since: START - 30 * 24 * HOUR_MS }],
    viewer: 'member',
    setUp: null,
    open: {
      total: flags,
      claimed: Math.floor(flags / 5),
      oldestAt: flags > 0 ? START - 9 * 24 * HOUR_MS : null,
    },
    flags: Array.from({ length: onPage }, (_, i) => {
      const n = page * FLAGS_ON_PAGE + i;
      return cardOf({
        ts: tsOf(n),
        gist: `What message ${n} says`,
        ...(n % 5 === 4 && { state: 'claimed', by: 'U0BOB', changedAt: START - HOUR_MS }),
        openedAt: START - 9 * 24 * HOUR_MS + n * HOUR_MS,
      });
    }),
    filter: NO_FILTER,
    counts: countChoices(groupsOf(flags), more.filter ?? NO_FILTER),
    page,
    pages: Math.max(1, Math.ceil(flags / FLAGS_ON_PAGE)),
    justDone: [],
    underWay: [],
    holds: [],
    runs: [0, 1, 2, 3, 4].map((n) => homeRun(n, n === 1 ? { requestedBy: 'U0ANA' } : {})),
    topics: [],
    chart: chartOf({
      bug: [3, 4, 2, 0, 1, 5, 6, 3, 2, 2, 0, 1, 9, 4],
      feature_request: [1, 0, 2, 0, 0, 3, 1, 1, 0, 2, 0, 0, 2, 1],
    }),
    honesty: [],
    next: [{ kind: 'summary', at: START + 20 * HOUR_MS }],
    monthUsd: 0.0412,
    rehearsalsUsd: 0,
    budget: null,
    ...more,
  };
}
