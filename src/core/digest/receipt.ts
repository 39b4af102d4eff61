import type { Lane, LaneReason } from '../runs/lane.ts';
import type { TroubleCause } from '../runs/trouble.ts';

/** The receipt of a run that a person asked for: what its post says until it becomes the summary. */

export interface ReceiptFacts {
  channel: string;
  run: number;
  requestedBy: string | null;
  /** ms since 1970 */
  startedAt: number;
  model: string;
  /** How many messages the run has, as far as is known. */
  messages: number;
  /** In US dollars at most; null when the price of the model is not known. */
  atMostUsd: number | null;
  stage: RunStage;
  /** The lane that it is in now, why, and who wanted it so. */
  lane: Lane;
  laneReason: LaneReason;
  hurriedBy: string | null;
  /** When its summary is due, in ms since 1970; null: as soon as its results are there. */
  dueAt: number | null;
  /** What it costs more at most to judge the rest at once, in US dollars; null: it cannot be had. */
  hurryUsd: number | null;
  /** Why the run has to wait; null when it does not. */
  trouble: string | null;
  /** What it waits for; null as well when that is not known. */
  cause: TroubleCause | null;
  /** When such a run is mostly, and nearly always, done, in ms since 1970; null: too few earlier runs. */
  expected: { mostly: number; nearlyAlways: number } | null;
  /** It should have been done by now. */
  overdue: boolean;
}

export type RunStage =
  /** Its channel has not been read since events may have been missed. */
  | { kind: 'catching up' }
  | { kind: 'queued' }
  | { kind: 'judging'; judged: number }
  | { kind: 'writing' }
  | { kind: 'canceling'; by: string };

/** A run that has ended with nothing to publish. */
export interface NothingToTell {
  channel: string;
  run: number;
  requestedBy: string | null;
  canceledBy: string | null;
  model: string;
  /** Messages that went back to pending. */
  againTotal: number;
  /** Messages judged again. They stay in the digests that published them. */
  rejudged: number;
  /** In US dollars; null when the price of the model is not known. */
  costUsd: number | null;
}

/** Fewer runs predict nothing. */
const RUNS_NEEDED = 3;

/**
 * Predicts how long a run takes from how long earlier ones took (in ms): half of them took at most
 * `mostly`, nine out of ten at most `nearlyAlways`.
 */
export function expectDuration(
  durations: number[],
): { mostly: number; nearlyAlways: number } | null {
  if (durations.length < RUNS_NEEDED) return null;
  const sorted = durations.toSorted((a, b) => a - b);
  const percentile = (part: number) => sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
  return { mostly: percentile(0.5), nearlyAlways: percentile(0.9) };
}
