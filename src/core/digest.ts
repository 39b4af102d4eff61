import type { StillOpen } from './card.ts';
import type { Category, Sentiment, Taxonomy, Urgency } from './taxonomy.ts';
import type { ThemeFacts } from './themes.ts';

/**
 * The facts of a summary, put in the order in which people read them. Every number comes from SQL;
 * nothing here counts, and nothing that a model wrote is more than a quoted line.
 */

/** A judged message as the summary tells of it. */
export interface ToldMessage {
  ts: string;
  threadTs: string | null;
  author: string | null;
  authorName: string | null;
  text: string;
  category: string;
  sentiment: Sentiment;
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

export interface DigestFacts {
  channel: string;
  run: number;
  /** When the run was opened and when the summary was written, in ms. */
  startedAt: number;
  writtenAt: number;
  /** Who asked for it; null for a scheduled one. */
  requestedBy: string | null;
  model: string;
  taxonomyVersion: number;
  total: number;
  /** What needs a person, and what needed one and was resolved or dismissed since. */
  flaggedTotal: number;
  settledTotal: number;
  /** Open flags of earlier summaries: how many, and the oldest of them. */
  stillOpenTotal: number;
  stillOpen: StillOpen[];
  deadTotal: number;
  /** Went back to pending without a good answer: the next run tries them again. */
  againTotal: number;
  countByCategory: Map<string, number>;
  /** In US dollars; null when the price of the model is not known. */
  costUsd: number | null;
  messages: ToldMessage[];
  dead: DeadMessage[];
  /** Of more than one message each, the most important first. */
  themes: ThemeFacts[];
}

export interface CategoryList {
  category: Category;
  count: number;
  messages: ToldMessage[];
}

export interface Digest extends Omit<DigestFacts, 'messages' | 'countByCategory'> {
  taxonomy: Taxonomy;
  /** Every category that has messages, in the order of the taxonomy, flagged messages first. */
  lists: CategoryList[];
}

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

/**
 * Sorts the facts into a digest. A category that the taxonomy has lost is shown by its key.
 * @param facts with their messages in the order in which they were posted
 */
export function composeDigest(facts: DigestFacts, taxonomy: Taxonomy): Digest {
  const { messages, countByCategory, ...rest } = facts;
  const known = new Map(taxonomy.categories.map((category) => [category.key, category]));
  const groups = Map.groupBy(messages, ({ category }) => category);
  const keys = [...known.keys(), ...[...groups.keys()].filter((key) => !known.has(key))];
  return {
    ...rest,
    taxonomy,
    lists: keys.flatMap((key) => {
      const group = groups.get(key);
      if (!group) return [];
      const category = known.get(key) ?? { key, name: key, meaning: '' };
      return [{ category, count: countByCategory.get(key) ?? 0, messages: byUrgency(group) }];
    }),
  };
}
