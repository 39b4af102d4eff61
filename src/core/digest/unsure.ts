import type { Category, Taxonomy } from '../runs/taxonomy.ts';

/** Verdicts that Claude is not sure of: people say which category is right. */

/** More questions in one thread are read by nobody. */
export const MOST_ASKED = 5;

export interface UnsureMessage {
  ts: string;
  threadTs: string | null;
  gist: string;
  /** Slack's text. */
  text: string;
  /** What Claude chose, and what it held to be the second likeliest; null: nothing. */
  category: string;
  runnerUp: string | null;
  /** What a person has said since it was asked. */
  answer: { category: string; person: string } | null;
}

/**
 * The two likeliest categories, in the order of the taxonomy: which of them Claude chose is nobody's hint.
 * Where Claude named no second one, it is the one that comes first in the taxonomy.
 */
export function likeliestOf(
  { category, runnerUp }: Pick<UnsureMessage, 'category' | 'runnerUp'>,
  { categories }: Taxonomy,
): Category[] {
  const others = categories.filter(({ key }) => key !== category);
  const second = others.find(({ key }) => key === runnerUp) ?? others[0];
  return categories.filter(({ key }) => key === category || key === second?.key).slice(0, 2);
}
