import type { Lane, LaneReason } from '../runs/lane.ts';
import type { Sentiment, Urgency } from '../runs/taxonomy.ts';
import type { FlagState, StateActKind } from './acts.ts';
import type { DismissReason } from './dismissal.ts';

/** What a card shows about a message that needs attention, or needed it. */
export interface CardFacts {
  channel: string;
  ts: string;
  threadTs: string | null;
  author: string | null;
  authorName: string | null;
  /** Slack's text, with its tokens. */
  text: string;
  /** Timestamps of the posts in which an integration repeated it. */
  copies: string[];
  deleted: boolean;
  category: string;
  /** The second one; null: the message does one thing. */
  also: string | null;
  sentiment: Sentiment;
  urgency: Urgency;
  gist: string;
  /** Who corrected or confirmed the category; null when it is Claude's. */
  person: string | null;
  /** Claude had chosen the same categories as that person. */
  confirmed: boolean;
  /** Who flagged it; null when a rule did. */
  flaggedBy: string | null;
  state: FlagState;
  /** Who claimed, resolved or dismissed it. */
  by: string | null;
  /** Why it was dismissed, if somebody has said it. */
  why: WhyDismissed | null;
  /** ms since 1970 */
  changedAt: number;
  openedAt: number;
  /**
   * The act that was undone, if that was the last thing that happened; `departed` when it ended
   * because its person left the channel or was deactivated.
   */
  takenBack: { kind: StateActKind; by: string; at: number; departed?: boolean } | null;
}

export interface WhyDismissed {
  reason: DismissReason;
  /** The message that it repeats; null when that was deleted. */
  original: { ts: string; threadTs: string | null; gist: string } | null;
}

/** A message that needs attention, as lists show it. */
export interface OpenFlag {
  ts: string;
  threadTs: string | null;
  gist: string;
  /** Slack's text for a message that was never judged; otherwise empty. */
  text: string;
  /** Empty for a message that was never judged. */
  category: string;
  state: 'open' | 'claimed';
  /** Who claimed it. */
  by: string | null;
  /** Whose claim ended because they left the channel or were deactivated. */
  claimEndedOf: string | null;
  openedAt: number;
}

/** What *Why?* shows about a verdict. */
export interface Explanation {
  channel: string;
  ts: string;
  threadTs: string | null;
  /** The text that was judged, as Slack's text. */
  text: string;
  /** The message was edited after it was judged. */
  edited: boolean;
  category: string;
  also: string | null;
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
  claudeAlso: string | null;
  flaggedBy: string | null;
  /** Who dismissed it, and why; null when nobody did. */
  dismissed: { by: string | null; reason: DismissReason | null } | null;
  /** The theme that it belongs to, and how many people say it in how many messages. */
  theme: { title: string; people: number; messages: number } | null;
  /** How Claude was asked, and why so; null when Claude was not. */
  lane: { lane: Lane; reason: LaneReason; by: string | null } | null;
  /** The examples that Claude was shown with it. */
  examples: { ts: string; text: string; category: string; also: string | null }[];
}
