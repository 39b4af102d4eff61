import { MINUTE_MS } from '../durations.ts';

/**
 * Which way a run goes to Claude: as Message Batches, for half the price, when nobody waits; or
 * express, message by message, when the price is small or a summary is due.
 */

export type Lane = 'batch' | 'express';

/** Why a run went, or went on, in its lane. */
export type LaneReason =
  /** Batches cost half. */
  | 'half price'
  /** It costs less than people may have at once. */
  | 'cheap'
  /** A person did not want to wait. */
  | 'person'
  /** Its summary is due. */
  | 'due'
  /** Messages of this channel are judged as they come. */
  | 'as they come';

/** This long before a summary is due, what is missing is judged express. */
export const FINISH_MS = 5 * MINUTE_MS;

/** This long before a summary is due, it is posted: then it is there when it is due. */
export const POST_AHEAD_MS = MINUTE_MS;

export interface LaneFacts {
  /** Whether a person asked for the run, a time has come, or messages are judged as they come. */
  cause: 'person' | 'schedule' | 'live';
  messages: number;
  /** When its summary is due, in ms since 1970; null: as soon as its results are there. */
  dueAt: number | null;
  /** How long its summary may be late. */
  latenessMs: number;
  now: number;
  /** The most that the run costs express, in US dollars; null when the price is not known. */
  expressUsd: number | null;
  /** A person's run that costs less than this is express. */
  expressUpToUsd: number;
  /** The lanes that the month's budget allows. */
  allowed: Lane[];
}

/** The lane that a run begins in; null when the budget allows none. */
export function decideLane(facts: LaneFacts): { lane: Lane; reason: LaneReason } | null {
  const { cause, messages, dueAt, latenessMs, now, expressUsd, expressUpToUsd, allowed } = facts;
  if (!allowed.includes('express')) {
    return allowed.includes('batch') ? { lane: 'batch', reason: 'half price' } : null;
  }
  if (cause === 'live') return { lane: 'express', reason: 'as they come' };
  const soon = dueAt !== null && now >= dueAt - FINISH_MS;
  if (soon && canHurry(messages, timeLeft(dueAt, latenessMs, now))) {
    return { lane: 'express', reason: 'due' };
  }
  if (cause === 'person' && expressUsd !== null && expressUsd < expressUpToUsd) {
    return { lane: 'express', reason: 'cheap' };
  }
  return { lane: 'batch', reason: 'half price' };
}

/** Express answers a second, while Claude has not named its limits. */
const EXPRESS_PER_SECOND = 4;

/**
 * Whether so many messages can be judged express while a summary waits. If not, their batches are
 * left alone: one that ends a little later costs half, and the summary is posted without them.
 */
export function canHurry(messages: number, leftMs: number): boolean {
  return messages > 0 && messages <= (leftMs / 1000) * EXPRESS_PER_SECOND;
}

/** How long a summary may still wait, in ms: one that is late already waits as long again. */
export function timeLeft(dueAt: number, latenessMs: number, now: number): number {
  return Math.max(dueAt - now, 0) + latenessMs;
}

/** Fewer batches predict nothing. */
const BATCHES_NEEDED = 10;
const LEAD_UNKNOWN_MS = 60 * MINUTE_MS;
const LEAD_MOST_MS = 120 * MINUTE_MS;

/**
 * How long before it is due a summary's run begins: the p90 of how long the bot's own batches took
 * (in ms), and the time to finish what is missing then.
 */
export function leadMs(batchesTook: number[]): number {
  const sorted = batchesTook.toSorted((a, b) => a - b);
  const p90 = sorted[Math.ceil(0.9 * sorted.length) - 1];
  const lead = p90 === undefined || sorted.length < BATCHES_NEEDED ? LEAD_UNKNOWN_MS : p90;
  return Math.min(lead + FINISH_MS, LEAD_MOST_MS);
}
