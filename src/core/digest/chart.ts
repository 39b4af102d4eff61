import { type Day, lastDays } from '../calendar.ts';
import type { Taxonomy } from '../runs/taxonomy.ts';
import type { Span } from './compare.ts';

/** The chart of the last two weeks: feedback per day, by category. Noise does not count as feedback. */

const CHART_DAYS = 14;

/**
 * A chart of fewer days shows no course; Slack draws at most 20 points:
 * https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block, November 2026.
 */
const SPAN_DAYS = { least: 5, most: 20 };

/** The days of a span, in ms since 1970; none if a chart of them would say nothing. */
export function daysOfSpan({ from, to }: Span, timeZone: string): Day[] {
  const days = Math.ceil((to - from) / DAY_MS);
  return days < SPAN_DAYS.least || days > SPAN_DAYS.most ? [] : lastDays(to - 1, days, timeZone);
}

const DAY_MS = 24 * 3_600_000;

/** The days of a chart drawn at `now`, in the bot's time zone. */
export const chartDays = (now: number, timeZone: string): Day[] =>
  lastDays(now, CHART_DAYS, timeZone);

/** Judged messages per day, by category key; counted by SQL. */
export type DailyCounts = Map<string, number[]>;

export interface Chart {
  days: Day[];
  /** The largest first; the last one may be the sum of all others. */
  series: { name: string; counts: number[]; total: number }[];
}

/** Slack draws at most this many: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block, November 2026. */
const MAX_SERIES = 6;

/** Fewer messages, or on fewer days, show no course. */
const LEAST = { messages: 20, days: 5 };

/** @returns null when a chart would say nothing */
export function composeChart(days: Day[], counts: DailyCounts, taxonomy: Taxonomy): Chart | null {
  const order = taxonomy.categories.map(({ key }) => key);
  const place = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
  const all = [...counts]
    .toSorted(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1))
    .map(([key, perDay]) => ({
      name: taxonomy.categories.find((category) => category.key === key)?.name ?? key,
      counts: perDay,
      total: add(perDay),
    }))
    .filter(({ total }) => total > 0)
    .toSorted((a, b) => b.total - a.total);
  const daily = days.map((_, day) => add(all.map(({ counts: perDay }) => perDay[day] ?? 0)));
  if (add(daily) < LEAST.messages || daily.filter((n) => n > 0).length < LEAST.days) return null;
  if (all.length <= MAX_SERIES) return { days, series: all };
  const shown = all.slice(0, MAX_SERIES - 1);
  const rest = all.slice(MAX_SERIES - 1);
  const others = days.map((_, day) => add(rest.map((series) => series.counts[day] ?? 0)));
  return { days, series: [...shown, { name: 'Other', counts: others, total: add(others) }] };
}

const add = (numbers: number[]) => numbers.reduce((sum, n) => sum + n, 0);
