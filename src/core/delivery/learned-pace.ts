import { HOUR_MS, MINUTE_MS } from '../durations.ts';
import type { Rate } from './pacing.ts';

/**
 * The rate of a method that turns out to be slower than documented. Slack does not say which limits an app has, so
 * they are learned from its refusals: when it accepts at most one call between two of them, that is the rate. Pure.
 */
export interface LearnedPace {
  /** Calls that Slack has accepted since it last refused one. */
  accepted: number;
  acceptedAt: number | null;
  /** Ms between two calls, once that is known. */
  spacingMs: number | null;
  /** Whether anybody has been told of it. */
  isTold: boolean;
  /** When the documented rate is tried again: the app may have got other limits. */
  until: number;
}

/** A refusal after a pause says little about the time between two calls. */
const LONGEST_MS = 2 * MINUTE_MS;

const TRIED_AGAIN_MS = HOUR_MS;

export const unknownPace = (): LearnedPace => ({
  // The process before this one may have used up the calls: a single refusal proves nothing.
  accepted: Number.POSITIVE_INFINITY,
  acceptedAt: null,
  spacingMs: null,
  isTold: false,
  until: 0,
});

/** Slack has accepted a call. */
export function learnAccepted(pace: LearnedPace, now: number): void {
  pace.accepted++;
  pace.acceptedAt = now;
}

/**
 * Slack has refused a call because of its rate.
 * @param until when it allows the next one, in ms
 * @returns whether the method turns out to be slow, the first time
 */
export function learnRefused(pace: LearnedPace, until: number, now: number): boolean {
  if (pace.accepted <= 1 && pace.acceptedAt !== null) {
    pace.spacingMs = Math.min(LONGEST_MS, until - pace.acceptedAt);
    pace.until = now + TRIED_AGAIN_MS;
  }
  pace.accepted = 0;
  const isNews = pace.spacingMs !== null && !pace.isTold;
  pace.isTold ||= isNews;
  return isNews;
}

/** @returns the rate that was learned; else the documented one */
export function learnedRate(pace: LearnedPace, documented: Rate, now: number): Rate {
  if (pace.spacingMs === null) return documented;
  if (now >= pace.until) {
    pace.spacingMs = null;
    // One refusal is enough this time.
    pace.accepted = 0;
    return documented;
  }
  return { perMinute: MINUTE_MS / pace.spacingMs, burst: 1 };
}
