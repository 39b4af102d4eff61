/**
 * Themes: messages that ask for the same thing, grouped across days. What a summary shows of a theme;
 * every number comes from SQL.
 */
export interface ThemeFacts {
  id: number;
  title: string;
  /** How many people say it in this digest. */
  fresh: number;
  /** How many people have said it in the 30 days before the summary, and in how many messages. */
  month: number;
  monthMessages: number;
  /** ms since 1970 */
  firstSeen: number;
  lastSeen: number;
  trend: ThemeTrend;
  /** Its newest message, which the link opens. */
  latest: { ts: string; threadTs: string | null };
}

/** `quiet`: people wrote about it until a week ago, and not since. */
export const THEME_TRENDS = ['new', 'growing', 'steady', 'quiet'] as const;
export type ThemeTrend = (typeof THEME_TRENDS)[number];

/** The orders in which people may read the themes of a summary. */
export const THEME_ORDERS = ['important', 'month', 'newest', 'oldest'] as const;
export type ThemeOrder = (typeof THEME_ORDERS)[number];

/** How much a theme has been written about until the summary. */
export interface ThemeCounts {
  /** Messages in the summary itself; and all of them, ever. */
  fresh: number;
  total: number;
  /** How many people wrote them, ever. */
  people: number;
  month: number;
  /** People of the last 7 days, of the 7 before, and of the 7 before those. */
  week: number;
  weekBefore: number;
  weekBeforeThat: number;
}

/** This many people are not a coincidence. */
const SEVERAL = 3;

/** People wrote about it, and have stopped. */
export const isQuiet = (counts: Omit<ThemeCounts, 'total' | 'people'>): boolean =>
  counts.week === 0 && counts.weekBefore + counts.weekBeforeThat >= SEVERAL;

/** @returns undefined for a theme that the summary leaves out */
export function trendOf(counts: ThemeCounts): ThemeTrend | undefined {
  const { fresh, total, people, week, weekBefore } = counts;
  // Somebody who repeats themselves is not several.
  if (people < 2) return undefined;
  if (fresh === 0) return isQuiet(counts) ? 'quiet' : undefined;
  if (fresh === total) return 'new';
  return week > weekBefore && week >= SEVERAL ? 'growing' : 'steady';
}

/** Themes that people write about most come first, quiet ones last. */
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
 * What people do to themes: take a message out or put it back; merge two themes, keep them apart, or
 * undo the merge; put themes under a topic, keep these separate, or take the topic apart.
 */
export type ThemeActKind =
  | 'out'
  | 'back'
  | 'merge'
  | 'apart'
  | 'unmerge'
  | 'group'
  | 'separate'
  | 'ungroup';

/** What the modal of a theme shows. */
export interface ThemeView {
  id: number;
  channel: string;
  title: string;
  /** How many messages it has, and how many people say it. */
  total: number;
  people: number;
  /** The newest messages, including those that people have taken out; newest first. */
  messages: ThemeMessage[];
}

export interface ThemeMessage {
  ts: string;
  threadTs: string | null;
  gist: string;
  /** Who took it out of the theme, empty when unknown; null while it is in the theme. */
  takenOutBy: string | null;
}
