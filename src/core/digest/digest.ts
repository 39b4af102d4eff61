import type { Day } from '../calendar.ts';
import type { OpenFlag } from '../people/card.ts';
import type { AskedMessage, Honesty } from '../people/honesty.ts';
import type { Category, Taxonomy, Urgency } from '../runs/taxonomy.ts';
import type { ThemeFacts, ThemeMerge } from '../themes/themes.ts';
import type { TopicFacts } from '../themes/topics.ts';
import { type Chart, composeChart, type DailyCounts } from './chart.ts';
import { findFactor, type Span } from './compare.ts';
import type { UnsureMessage } from './unsure.ts';

/**
 * Puts the facts of a summary into the order in which people read them. Every number comes from SQL,
 * none is counted here; what a model wrote appears only as a quoted line.
 */

/** A judged message as the lists of a digest show it. */
export interface PublishedMessage {
  ts: string;
  threadTs: string | null;
  text: string;
  category: string;
  /** The second one, under which it is listed too, but not counted; null: it does one thing. */
  also: string | null;
  urgency: Urgency;
  gist: string;
  /** The message needs attention: nobody has resolved or dismissed it. */
  flagged: boolean;
  /** Timestamps of the posts in which an integration repeated it. */
  copies: string[];
}

export interface DeadMessage {
  ts: string;
  threadTs: string | null;
  text: string;
  reason: string;
  copies: string[];
}

/** Praise that the summary quotes. */
export interface Praise {
  ts: string;
  threadTs: string | null;
  author: string | null;
  authorName: string | null;
  /** Slack's: its beginning, which is quoted; '' when an integration has posted it. */
  text: string;
  gist: string;
  category: string;
  /** From 0 to 1. */
  confidence: number;
}

/** What needs attention, in this summary and from before. */
export interface Attention {
  /** How many this summary publishes, and how many earlier ones; of a span: posted in it, and before. */
  fresh: number;
  earlier: number;
  /** How many nobody has claimed. */
  unclaimed: number;
  /** When the oldest was flagged, in ms since 1970; null when there is none. */
  oldestAt: number | null;
  /** The most pressing ones. */
  flags: OpenFlag[];
}

/** What a summary is about. */
export type About =
  | {
      kind: 'run';
      run: number;
      /** ms since 1970; `endedAt` is null while some results are late. */
      startedAt: number;
      endedAt: number | null;
      /** Who asked for it; null for a scheduled run. */
      requestedBy: string | null;
      model: string;
      taxonomyVersion: number;
      /** In US dollars; null when the price of the model is not known. */
      costUsd: number | null;
      /** Answers that were paid twice, or may have been. */
      paidTwice: number;
      /** Messages that went back to pending without a usable answer; the next run tries them again. */
      againTotal: number;
      /** Messages whose results have not come yet; they are filled in later. */
      awaitedTotal: number;
    }
  /** What was posted in a span, in ms since 1970; `from` is included, `to` is not. */
  | { kind: 'span'; from: number; to: number };

export interface DigestFacts {
  channel: string;
  about: About;
  /** When it was first written, in ms since 1970; everything it says is as of then. */
  writtenAt: number;
  total: number;
  attention: Attention;
  /** Messages that needed attention but have been resolved or dismissed since. */
  settledTotal: number;
  /** The praise that Claude is most confident about, of that which says what is good. */
  praise: Praise[];
  deadTotal: number;
  /** The emoji that the workspace does not have, by name. */
  goneEmoji: string[];
  countByCategory: Map<string, number>;
  /**
   * The counts of the previous digest, or of the span before, and the time that they are about, which
   * ends where this one begins; null when there is none.
   */
  before: { span: Span; countByCategory: Map<string, number> } | null;
  /** Themes of at least two messages, the most important first. */
  themes: ThemeFacts[];
  /** Proposed and made merges of these themes. */
  merges: ThemeMerge[];
  /** Proposed and accepted topics of the channel, those of the most people first. */
  topics: TopicFacts[];
  days: Day[];
  dailyCounts: DailyCounts;
}

/** A category that the taxonomy no longer has is known by its key alone; it is no noise. */
export type ListedCategory = Category & { removed?: true };

export const isNoise = ({ emoji, removed }: ListedCategory) => !emoji && !removed;

export interface CategoryCount {
  category: ListedCategory;
  count: number;
  /** As much as in the same time before; null when there is nothing to compare with. */
  before: number | null;
}

/** What the parent post shows. */
export interface Summary
  extends Omit<DigestFacts, 'countByCategory' | 'before' | 'days' | 'dailyCounts'> {
  taxonomy: Taxonomy;
  /** Every category that has messages now or had some before, in the order of the taxonomy. */
  categories: CategoryCount[];
  /** `pace`: the earlier counts are those of another length of time, made comparable. */
  comparedWith: 'counts' | 'pace' | null;
  chart: Chart | null;
}

export interface CategoryList {
  category: ListedCategory;
  /** How many messages are of it; those of which it is the second category are not. */
  count: number;
  /** Its own, then those of which it is the second category. */
  messages: PublishedMessage[];
}

/** What people are asked about, and the categories that they can choose. */
export interface Asked {
  messages: AskedMessage[];
  categories: Category[];
}

/** A whole thread. */
export interface Digest {
  summary: Summary;
  /** How many messages that need attention have no card in the thread. */
  beyond: number;
  /** What Claude was least sure of. */
  unsure: UnsureMessage[];
  /** What was picked at random, in the first summary of a week; null: nothing. */
  asked: Asked | null;
  /** How often verdicts are right; null when people were never asked. */
  honesty: Honesty | null;
  /** Every category that has messages, or is the second one of some, in the order of the taxonomy. */
  lists: CategoryList[];
  dead: DeadMessage[];
}

/** The maximum that a summary shows of each kind. */
export const SHOWN = { attention: 4, themes: 3, categories: 8, praise: 1 };

const rankOf = (own: boolean, flagged: boolean, urgency: Urgency) => `${own} ${flagged} ${urgency}`;

const RANKS = [true, false].flatMap((own) =>
  [true, false].flatMap((flagged) =>
    (['high', 'medium', 'low'] as const).map((urgency) => rankOf(own, flagged, urgency)),
  ),
);

/** The messages of each category that has some, in a bucket for each rank. */
export type PublishedByRank = Map<string, Map<string, PublishedMessage[]>>;

/**
 * Adds a message to those of its categories, which have to be added in the order posted. Messages are put
 * into buckets while they are read, because sorting a hundred thousand at once blocks for 35 ms and more.
 */
export function addPublished(lists: PublishedByRank, message: PublishedMessage): void {
  const { category, also, flagged, urgency } = message;
  for (const key of also === null ? [category] : [category, also]) {
    const ranks = lists.get(key) ?? new Map<string, PublishedMessage[]>();
    const rank = rankOf(key === category, flagged, urgency);
    const bucket = ranks.get(rank) ?? [];
    bucket.push(message);
    ranks.set(rank, bucket);
    lists.set(key, ranks);
  }
}

/** A category that is no longer in the taxonomy comes after the others, under its key. */
function orderCategories(keys: Iterable<string>, taxonomy: Taxonomy): ListedCategory[] {
  const known = new Set(taxonomy.categories.map(({ key }) => key));
  const wanted = new Set(keys);
  return [
    ...taxonomy.categories.filter(({ key }) => wanted.has(key)),
    ...[...wanted]
      .filter((key) => !known.has(key))
      .sort()
      .map((key) => ({ key, name: key, meaning: '', removed: true as const })),
  ];
}

export function composeSummary(facts: DigestFacts, taxonomy: Taxonomy): Summary {
  const { countByCategory, before, days, dailyCounts, ...rest } = facts;
  const factor = before && findFactorOf(facts, before.span);
  const earlier = factor === null ? undefined : before?.countByCategory;
  const keys = [...countByCategory.keys(), ...(earlier?.keys() ?? [])];
  return {
    ...rest,
    taxonomy,
    categories: orderCategories(keys, taxonomy).map((category) => ({
      category,
      count: countByCategory.get(category.key) ?? 0,
      before: earlier ? Math.round((earlier.get(category.key) ?? 0) * (factor ?? 1)) : null,
    })),
    comparedWith: earlier ? (factor === 1 ? 'counts' : 'pace') : null,
    chart: composeChart(days, dailyCounts, taxonomy),
  };
}

/** Scales the counts of the digest before to the time that this one covers. Spans are equally long anyway. */
const findFactorOf = ({ about, writtenAt }: DigestFacts, before: Span) =>
  about.kind === 'span' ? 1 : findFactor({ from: before.to, to: writtenAt }, before);

/**
 * In a list the messages that count there come first, then those of which it is the second category. Among
 * each, flagged messages come first, then the more urgent ones, then those that were posted first.
 */
export function composeDigest(
  facts: DigestFacts,
  published: { lists: PublishedByRank; dead: DeadMessage[] },
  taxonomy: Taxonomy,
): Pick<Digest, 'summary' | 'lists' | 'dead'> {
  return {
    summary: composeSummary(facts, taxonomy),
    lists: orderCategories(published.lists.keys(), taxonomy).map((category) => ({
      category,
      count: facts.countByCategory.get(category.key) ?? 0,
      messages: RANKS.flatMap((rank) => published.lists.get(category.key)?.get(rank) ?? []).filter(
        // A category may have been feedback when a person chose it as the second one, and be noise here.
        (message) => message.category === category.key || !isNoise(category),
      ),
    })),
    dead: published.dead,
  };
}
