import type { Chart } from '../digest/chart.ts';
import type { ReceiptFacts } from '../digest/receipt.ts';
import type { CardFacts } from '../people/card.ts';
import type { Figures } from '../people/honesty.ts';
import type { TopicFacts } from '../themes/topics.ts';
import type { FilterCounts, HomeFilter } from './filter.ts';
import type { SetUp } from './set-up.ts';

/** What a person's Home tab shows. It covers only the channels that they are in. */
export interface HomeFacts {
  /** Whether the bot collects feedback from any channel at all. */
  watching: boolean;
  channels: HomeChannel[];
  /** `unknown`: Slack does not say who they are. Only members may act. */
  viewer: 'member' | 'guest' | 'foreign' | 'unknown';
  /** How far a hosted bot is set up; null for a bot of its own, and for people who may change nothing. */
  setUp: SetUp | null;
  /** Regardless of the filter. */
  open: OpenFlags;
  filter: HomeFilter;
  counts: FilterCounts;
  /** One page of what the filter shows, the most pressing first. */
  flags: CardFacts[];
  /** From 0. */
  page: number;
  pages: number;
  /** What this person has just resolved or dismissed, so that they can undo it. */
  justDone: CardFacts[];
  /** The open runs, oldest first. */
  underWay: RunUnderWay[];
  /** What Slack does not allow until somebody changes something. */
  holds: HomeHold[];
  /** The newest first. */
  runs: HomeRun[];
  /** What people say most in the channels, in 30 days. */
  topics: { channel: string; topic: TopicFacts }[];
  /** null when there was no feedback. */
  chart: Chart | null;
  /** How often verdicts are right, for channels of which that is known. */
  honesty: { channel: string; figures: Figures }[];
  next: { kind: 'summary' | 'classify'; at: number }[];
  /** What Claude has billed this month, in US dollars; null when a price is unknown. */
  monthUsd: number | null;
  /** The same for rehearsals, which belong to no channel. */
  rehearsalsUsd: number | null;
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
  /** null until it is known. */
  name: string | null;
  /** Messages that wait for the next run. */
  pending: number;
  /** Messages count from this time on, in ms since 1970; null until it is known. */
  since: number | null;
}

export type RunUnderWay = Pick<
  ReceiptFacts,
  'channel' | 'run' | 'messages' | 'stage' | 'trouble' | 'cause' | 'expected' | 'overdue'
> & {
  /** The ts of its receipt; null when it has none. */
  digestTs: string | null;
};

export interface HomeHold {
  /** '' when it holds in all channels. */
  channel: string;
  needs: 'post' | 'reply' | 'update' | 'reaction' | 'emoji';
  emoji: string;
  /** Slack's error code. */
  reason: string;
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
