import type { Chart } from './digest/chart.ts';
import type { CardFacts } from './people/card.ts';

/** What a person's Home tab shows. It covers only the channels that they are in. */
export interface HomeFacts {
  /** Whether the bot collects feedback from any channel at all. */
  watching: boolean;
  channels: HomeChannel[];
  /** False for guests: they may read, but not act. */
  /** `unknown`: Slack does not say who they are. Only members may act. */
  viewer: 'member' | 'guest' | 'foreign' | 'unknown';
  open: OpenFlags;
  /** One page of the open flags, the oldest first. */
  flags: CardFacts[];
  /** From 0. */
  page: number;
  pages: number;
  /** What this person has just resolved or dismissed, so that they can undo it. */
  justDone: CardFacts[];
  /** The newest first. */
  runs: HomeRun[];
  /** null when there was no feedback. */
  chart: Chart | null;
  next: { kind: 'summary' | 'classify'; at: number }[];
  /** What Claude has billed this month, in US dollars; null when a price is unknown. */
  monthUsd: number | null;
  /** What a month may cost, and what is left of it, in US dollars; null: no limit. */
  budget: { usd: number; leftUsd: number } | null;
}

export interface OpenFlags {
  /** Open or claimed. */
  total: number;
  claimed: number;
  /** ms since 1970; null when none is open. */
  oldestAt: number | null;
}

export interface HomeChannel {
  id: string;
  /** Messages that wait for the next run. */
  pending: number;
  /** Messages count from this time on, in ms since 1970; null until it is known. */
  since: number | null;
}

export interface HomeRun {
  channel: string;
  /** ms since 1970; `endedAt` is null while the run is open. */
  startedAt: number;
  endedAt: number | null;
  messages: number;
  /** null when the price of the model is unknown. */
  usd: number | null;
  /** null for a scheduled run. */
  requestedBy: string | null;
  canceled: boolean;
  /** The ts of its summary; null when it has none. */
  digestTs: string | null;
}

export const FLAGS_ON_PAGE = 12;
