/** The receipt of a run that a person has asked for: what its post says until it is the summary. */

export interface ReceiptFacts {
  channel: string;
  run: number;
  requestedBy: string | null;
  /** ms since 1970 */
  startedAt: number;
  model: string;
  /** How many messages it has, as far as is known by now. */
  messages: number;
  /** In US dollars at most; null when the price of the model is not known. */
  atMostUsd: number | null;
  stage: RunStage;
  /** Why it has to wait, if it does. */
  trouble: string | null;
  /** When it will be done mostly, and nearly always, in ms since 1970; null: nothing to go by. */
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

/** A run that is over and has nothing to tell. */
export interface NothingToTell {
  channel: string;
  run: number;
  requestedBy: string | null;
  canceledBy: string | null;
  model: string;
  /** Went back to pending. */
  againTotal: number;
  /** Judged anew: the summaries that have told of them tell of them still. */
  rejudged: number;
  /** In US dollars; null when the price of the model is not known. */
  costUsd: number | null;
}

/** Fewer runs are no rule. */
const RUNS_NEEDED = 3;

/**
 * How long a run will take, by how long earlier ones took (in ms): half of them took no longer than
 * `mostly`, nine of ten no longer than `nearlyAlways`.
 */
export function expectDuration(
  durations: number[],
): { mostly: number; nearlyAlways: number } | null {
  if (durations.length < RUNS_NEEDED) return null;
  const sorted = durations.toSorted((a, b) => a - b);
  const percentile = (part: number) => sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
  return { mostly: percentile(0.5), nearlyAlways: percentile(0.9) };
}
