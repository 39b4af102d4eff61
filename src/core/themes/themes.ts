/**
 * Themes: messages that ask for the same thing, grouped across days. What a summary tells of one;
 * every number comes from SQL.
 */
export interface ThemeFacts {
  id: number;
  title: string;
  /** Messages of this digest. */
  fresh: number;
  /** Messages that were posted in the last 30 days, before the moment of the summary. */
  month: number;
  /** ms since 1970 */
  firstSeen: number;
  lastSeen: number;
  trend: ThemeTrend;
  /** Its newest message: where a link leads to. */
  latest: { ts: string; threadTs: string | null };
}

/** `quiet`: it was written of until a week ago, and not since. */
export type ThemeTrend = 'new' | 'growing' | 'steady' | 'quiet';

/** Messages of a theme, by when they were posted, before the moment of a summary. */
export interface ThemeCounts {
  /** Of the summary itself, and of all times. */
  fresh: number;
  total: number;
  month: number;
  /** Of the last 7 days, the 7 before them, and the 7 before those. */
  week: number;
  weekBefore: number;
  weekBeforeThat: number;
}

/** So many messages are no accident. */
const SEVERAL = 3;

/** It was written of, and is not any more. */
export const isQuiet = (counts: Omit<ThemeCounts, 'total'>): boolean =>
  counts.week === 0 && counts.weekBefore + counts.weekBeforeThat >= SEVERAL;

/** @returns undefined for a theme that a summary has nothing to say of */
export function trendOf(counts: ThemeCounts): ThemeTrend | undefined {
  const { fresh, total, week, weekBefore } = counts;
  if (total < 2) return undefined;
  if (fresh === 0) return isQuiet(counts) ? 'quiet' : undefined;
  if (fresh === total) return 'new';
  return week > weekBefore && week >= SEVERAL ? 'growing' : 'steady';
}

/** What is written of most now comes first, what nobody writes of any more last. */
export function byImportance(one: ThemeFacts, other: ThemeFacts): number {
  return (
    Number(one.trend === 'quiet') - Number(other.trend === 'quiet') ||
    other.fresh - one.fresh ||
    other.month - one.month ||
    other.lastSeen - one.lastSeen ||
    one.id - other.id
  );
}

/** Two themes that may be the same: people decide. */
export interface ThemeMerge {
  id: number;
  /** The older one, which stays. */
  one: { id: number; title: string };
  other: { id: number; title: string };
  state: 'proposed' | 'merged';
  /** Who merged them. */
  by: string | null;
}

export type MergeState = 'proposed' | 'merged' | 'undone' | 'dismissed';

/**
 * What people do to themes: take a message out, put it back; merge two, keep them apart, undo the
 * merge.
 */
export type ThemeActKind = 'out' | 'back' | 'merge' | 'apart' | 'unmerge';

/** What the modal of a theme tells. */
export interface ThemeView {
  id: number;
  channel: string;
  title: string;
  /** Messages that it has. */
  total: number;
  /** The newest of them, and among them those that people have taken out, newest first. */
  messages: ThemeMessage[];
}

export interface ThemeMessage {
  ts: string;
  threadTs: string | null;
  gist: string;
  /** Who has taken it out of the theme, empty when that is not known; null when it is in it. */
  takenOutBy: string | null;
}
