import type { Chart } from './digest/chart.ts';
import type { CardFacts } from './people/card.ts';

/** What somebody's Home tab tells: of the channels that they are in, and of no others. */
export interface HomeFacts {
  /** Whether there is any channel at all that feedback is collected from. */
  watching: boolean;
  channels: HomeChannel[];
  /** Guests may read, and not act. */
  mayAct: boolean;
  open: OpenFlags;
  /** The oldest first, a page of them. */
  flags: CardFacts[];
  /** From 0. */
  page: number;
  pages: number;
  /** What they themselves have just resolved or dismissed: it can be taken back. */
  justDone: CardFacts[];
  /** The newest first. */
  runs: HomeRun[];
  /** null when there was no feedback. */
  chart: Chart | null;
  next: { kind: 'summary' | 'classify'; at: number }[];
  /** What Claude has billed since the month began, in US dollars; null when a price is unknown. */
  monthUsd: number | null;
}

export interface OpenFlags {
  /** Open or claimed. */
  total: number;
  claimed: number;
  /** ms since 1970; null when there is none. */
  oldestAt: number | null;
}

export interface HomeChannel {
  id: string;
  /** Messages that wait for the next run. */
  pending: number;
  /** From when on messages count, ms since 1970; null until that is known. */
  since: number | null;
}

export interface HomeRun {
  channel: string;
  /** ms since 1970; `endedAt` null while it is going on. */
  startedAt: number;
  endedAt: number | null;
  messages: number;
  /** null when the price of the model is unknown. */
  usd: number | null;
  /** null: on schedule. */
  requestedBy: string | null;
  canceled: boolean;
  /** The ts of its summary; null when it has none. */
  digestTs: string | null;
}

export const FLAGS_ON_PAGE = 12;
