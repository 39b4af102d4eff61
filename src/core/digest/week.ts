import type { DismissedCounts } from '../people/dismissal.ts';
import type { ThemeFacts, ThemeTrend } from '../themes/themes.ts';
import { type CategoryCount, isNoise, type Praise, type Summary } from './digest.ts';

/** The look back on a week in the first summary of the next one. Every number comes from SQL. */

export interface WeekFacts {
  /** The summary of the week as a time span, compared with the week before. */
  summary: Summary;
  /** How many messages the team resolved, and who had written them; the most frequent first. */
  resolved: number;
  reporters: { author: string | null; authorName: string | null }[];
  /** Why the team dismissed messages; the most frequent reason first. */
  dismissed: DismissedCounts;
  /** From the flag to the first claim, in ms; null when nothing was claimed. */
  medianClaimMs: number | null;
}

export type WeekPart =
  | { kind: 'themes'; trend: Exclude<ThemeTrend, 'steady'>; themes: ThemeFacts[] }
  | { kind: 'resolved'; count: number; reporters: WeekFacts['reporters'] }
  | { kind: 'dismissed'; counts: DismissedCounts }
  | { kind: 'claims'; medianMs: number }
  | { kind: 'mover'; counted: CategoryCount; by: number }
  | { kind: 'praise'; praise: Praise };

/** Smaller changes are chance. */
const MOVED = 3;

const THEMES_SHOWN = 3;

/** What there is to say of a week; nothing of what did not happen. */
export function composeWeek(facts: WeekFacts): WeekPart[] {
  const { summary, resolved, reporters, dismissed, medianClaimMs } = facts;
  const themes = (['new', 'growing', 'quiet'] as const).flatMap((trend) => {
    const some = summary.themes.filter((theme) => theme.trend === trend).slice(0, THEMES_SHOWN);
    return some.length > 0 ? [{ kind: 'themes' as const, trend, themes: some }] : [];
  });
  const mover = findMover(summary.categories);
  return [
    ...themes,
    ...(resolved > 0 ? [{ kind: 'resolved' as const, count: resolved, reporters }] : []),
    ...(dismissed.length > 0 ? [{ kind: 'dismissed' as const, counts: dismissed }] : []),
    ...(medianClaimMs === null ? [] : [{ kind: 'claims' as const, medianMs: medianClaimMs }]),
    ...(mover ? [mover] : []),
    ...summary.praise.slice(0, 1).map((praise) => ({ kind: 'praise' as const, praise })),
  ];
}

function findMover(categories: CategoryCount[]): (WeekPart & { kind: 'mover' }) | undefined {
  const moved = categories
    .filter(({ category }) => !isNoise(category))
    .map((counted) => ({
      kind: 'mover' as const,
      counted,
      by: counted.count - (counted.before ?? counted.count),
    }))
    .filter(({ by }) => Math.abs(by) >= MOVED);
  return moved.toSorted((one, other) => Math.abs(other.by) - Math.abs(one.by))[0];
}

/** The middle value; of two the mean. */
export function median(values: number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
