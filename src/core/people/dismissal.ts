import type { Taxonomy } from '../runs/taxonomy.ts';

/** Why a message is not an issue. People may say it; they need not. */
export const DISMISS_REASONS = [
  'known',
  'duplicate',
  'as_meant',
  'not_ours',
  'no_feedback',
] as const;
export type DismissReason = (typeof DISMISS_REASONS)[number];

export interface Dismissal {
  reason: DismissReason | null;
  /** The message of the same channel that it repeats. */
  duplicateOf: string | null;
}

/** How many messages were dismissed for each reason; null: without one. */
export type DismissedCounts = { reason: DismissReason | null; messages: number }[];

/** The category of what is no feedback; null when the taxonomy has none. */
export const noiseOf = ({ categories }: Taxonomy): string | null =>
  categories.find(({ emoji }) => !emoji)?.key ?? null;

/** The reason that a string names, if it is one. */
export const toReason = (value: string | null | undefined): DismissReason | undefined =>
  DISMISS_REASONS.find((reason) => reason === value);
