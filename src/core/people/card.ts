import type { Sentiment, Urgency } from '../runs/taxonomy.ts';
import type { FlagState, StandingKind } from './acts.ts';

/** What a card tells of a message that needs a person, or did. */
export interface CardFacts {
  channel: string;
  ts: string;
  threadTs: string | null;
  author: string | null;
  authorName: string | null;
  /** Slack's text, with its tokens. */
  text: string;
  deleted: boolean;
  category: string;
  sentiment: Sentiment;
  urgency: Urgency;
  gist: string;
  /** Who corrected or confirmed the category; null when it is Claude's. */
  person: string | null;
  /** Claude had said the same as that person. */
  confirmed: boolean;
  /** Who flagged it; null when a rule did. */
  flaggedBy: string | null;
  state: FlagState;
  /** Who claimed, resolved or dismissed it. */
  by: string | null;
  /** ms since 1970 */
  changedAt: number;
  openedAt: number;
  /** The last thing that happened was that this was taken back. */
  takenBack: { kind: StandingKind; by: string; at: number } | null;
}

/** A message from an earlier summary for which nobody has done what it needs. */
export interface StillOpen {
  ts: string;
  threadTs: string | null;
  gist: string;
  /** Slack's text, of one that nobody has judged; else empty. */
  text: string;
  state: 'open' | 'claimed';
  /** Who claimed it. */
  by: string | null;
  openedAt: number;
}

/** What *Why?* tells of a verdict. */
export interface Explanation {
  channel: string;
  ts: string;
  threadTs: string | null;
  /** The words that were judged: Slack's text. */
  text: string;
  /** The message was edited after it was judged. */
  edited: boolean;
  category: string;
  sentiment: Sentiment;
  urgency: Urgency;
  gist: string;
  confidence: number;
  model: string;
  taxonomyVersion: number;
  /** ms since 1970 */
  judgedAt: number;
  /** Who corrected or confirmed the category, and what Claude had said. */
  person: string | null;
  claudeCategory: string | null;
  flaggedBy: string | null;
  /** The theme that it is in, with how many messages that has. */
  theme: { title: string; messages: number } | null;
  /** The examples that Claude was shown with it. */
  examples: { ts: string; text: string; category: string }[];
}
