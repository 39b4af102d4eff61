import type { Day } from '../calendar.ts';
import type { StillOpen } from '../people/card.ts';
import type { Category, Sentiment, Taxonomy, Urgency } from '../runs/taxonomy.ts';
import type { ThemeFacts, ThemeMerge } from '../themes/themes.ts';
import { type Chart, composeChart, type DailyCounts } from './chart.ts';

/**
 * The facts of a summary, put in the order in which people read them. Every number comes from SQL;
 * nothing here counts, and nothing that a model wrote is more than a quoted line.
 */

/** A judged message as the lists of a summary tell of it. */
export interface ToldMessage {
  ts: string;
  threadTs: string | null;
  text: string;
  category: string;
  urgency: Urgency;
  gist: string;
  /** It needs a person, and nobody has resolved or dismissed it. */
  flagged: boolean;
}

export interface DeadMessage {
  ts: string;
  threadTs: string | null;
  text: string;
  reason: string;
}

/** A message that the summary itself shows. */
export interface Quoted {
  ts: string;
  threadTs: string | null;
  author: string | null;
  authorName: string | null;
  /** Empty of one that nobody has judged; then its text is Slack's, else empty. */
  gist: string;
  text: string;
  category: string;
  urgency: Urgency;
  sentiment: Sentiment;
  /** From 0 to 1. */
  confidence: number;
}

/** What a summary is about. */
export type About =
  | {
      kind: 'run';
      run: number;
      /** In ms since 1970; not ended while some of its results are late. */
      startedAt: number;
      endedAt: number | null;
      /** Who asked for it; null for a scheduled one. */
      requestedBy: string | null;
      model: string;
      taxonomyVersion: number;
      /** In US dollars; null when the price of the model is not known. */
      costUsd: number | null;
      /** Went back to pending without a good answer: the next run tries them again. */
      againTotal: number;
      /** Their results have not come yet: they are filled in. */
      awaitedTotal: number;
    }
  /** What was posted in this time, in ms since 1970: from `from` on, and before `to`. */
  | { kind: 'span'; from: number; to: number };

export interface DigestFacts {
  channel: string;
  about: About;
  /** When it was first written, in ms: all times are told as of then. */
  writtenAt: number;
  total: number;
  /** What needs a person, and what needed one and was resolved or dismissed since. */
  flaggedTotal: number;
  settledTotal: number;
  /** The most urgent of what needs a person. */
  needs: Quoted[];
  /** The praise of which Claude is surest. */
  praise: Quoted[];
  /** Open flags of earlier summaries: how many, and the oldest of them. */
  stillOpenTotal: number;
  stillOpen: StillOpen[];
  deadTotal: number;
  countByCategory: Map<string, number>;
  /** The same of the summary before, written at `at`, or of the time before; null: there is none. */
  before: { at: number; countByCategory: Map<string, number> } | null;
  /** Of more than one message each, the most important first. */
  themes: ThemeFacts[];
  /** Of these themes: what may be one, and what was made one. */
  merges: ThemeMerge[];
  days: Day[];
  dailyCounts: DailyCounts;
}

export interface CategoryCount {
  category: Category;
  count: number;
  /** Null when there is nothing to compare with. */
  before: number | null;
}

/** What the parent of a thread tells. */
export interface Summary
  extends Omit<DigestFacts, 'countByCategory' | 'before' | 'days' | 'dailyCounts'> {
  taxonomy: Taxonomy;
  /** Every category that has messages, or had some before, in the order of the taxonomy. */
  categories: CategoryCount[];
  /** What the counts are compared with. */
  comparedWith: number | null;
  chart: Chart | null;
}

export interface CategoryList {
  category: Category;
  count: number;
  messages: ToldMessage[];
}

/** A whole thread. */
export interface Digest {
  summary: Summary;
  /** Every category that has messages, in the order of the taxonomy, flagged messages first. */
  lists: CategoryList[];
  dead: DeadMessage[];
}

/** What a summary shows of each kind at most. */
export const SHOWN = { stillOpen: 3, needs: 3, themes: 3, praise: 2 };

const rankOf = (flagged: boolean, urgency: Urgency) => `${flagged} ${urgency}`;

const RANKS = [true, false].flatMap((flagged) =>
  (['high', 'medium', 'low'] as const).map((urgency) => rankOf(flagged, urgency)),
);

/**
 * Flagged messages first, then by urgency, then as they were posted. Sorted into six heaps: with a
 * hundred thousand messages sorting is a wait that people notice.
 */
function byUrgency(messages: ToldMessage[]): ToldMessage[] {
  const heaps = Map.groupBy(messages, ({ flagged, urgency }) => rankOf(flagged, urgency));
  return RANKS.flatMap((rank) => heaps.get(rank) ?? []);
}

/** A category that the taxonomy has lost is shown by its key, after the others. */
function orderCategories(keys: Iterable<string>, taxonomy: Taxonomy): Category[] {
  const known = new Set(taxonomy.categories.map(({ key }) => key));
  const wanted = new Set(keys);
  return [
    ...taxonomy.categories.filter(({ key }) => wanted.has(key)),
    ...[...wanted]
      .filter((key) => !known.has(key))
      .sort()
      .map((key) => ({ key, name: key, meaning: '' })),
  ];
}

export function composeSummary(facts: DigestFacts, taxonomy: Taxonomy): Summary {
  const { countByCategory, before, days, dailyCounts, ...rest } = facts;
  const keys = [...countByCategory.keys(), ...(before?.countByCategory.keys() ?? [])];
  return {
    ...rest,
    taxonomy,
    categories: orderCategories(keys, taxonomy).map((category) => ({
      category,
      count: countByCategory.get(category.key) ?? 0,
      before: before && (before.countByCategory.get(category.key) ?? 0),
    })),
    comparedWith: before?.at ?? null,
    chart: composeChart(days, dailyCounts, taxonomy),
  };
}

/** @param told all that is told of, in the order in which it was posted */
export function composeDigest(
  facts: DigestFacts,
  told: { messages: ToldMessage[]; dead: DeadMessage[] },
  taxonomy: Taxonomy,
): Digest {
  const groups = Map.groupBy(told.messages, ({ category }) => category);
  return {
    summary: composeSummary(facts, taxonomy),
    lists: orderCategories(groups.keys(), taxonomy).map((category) => ({
      category,
      count: facts.countByCategory.get(category.key) ?? 0,
      messages: byUrgency(groups.get(category.key) ?? []),
    })),
    dead: told.dead,
  };
}
