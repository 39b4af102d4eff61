import { MINUTE_MS } from '../durations.ts';

/**
 * How fast express calls may follow one another: as the limits allow that Claude's answers name, only
 * so many at once, and not while it has asked for a pause.
 */

export interface RateLimit {
  /** How much a minute has. */
  limit: number;
  /** How much was left after the call that named it. */
  remaining: number;
  /** When all of it is back, in ms since 1970. */
  resetAt: number;
}

/** What an answer's headers say; a part that they do not name is left out. */
export interface RateLimits {
  requests?: RateLimit | undefined;
  inputTokens?: RateLimit | undefined;
  outputTokens?: RateLimit | undefined;
}

export interface Pace {
  /** The limits as last named, and when; null before the first answer. */
  named: { limits: RateLimits; at: number } | null;
  /** No call between these times, in ms since 1970. */
  pause: { from: number; until: number } | null;
}

export const UNKNOWN_PACE: Pace = { named: null, pause: null };

/** Calls in flight at once. */
export const CALLS_AT_ONCE = 8;

/** After this long without an answer, limits are old news, and a cached prompt is gone. */
const NEWS_MS = 5 * MINUTE_MS;

export interface Need {
  inputTokens: number;
  outputTokens: number;
}

/**
 * How many calls may begin now, and when to ask again if none may.
 * @param inFlight calls that have begun and have no answer yet: the limits may not count them
 * @param need about what one call takes
 */
export function countStartable(
  { named, pause }: Pace,
  inFlight: number,
  need: Need,
  now: number,
): { calls: number; nextAt: number } {
  // Before its beginning, the clock was set back: nobody knows how much of the pause is left.
  if (pause && pause.from <= now && now < pause.until) return { calls: 0, nextAt: pause.until };
  const free = CALLS_AT_ONCE - inFlight;
  // The first answer names the limits, and fills the cache for those that follow.
  const isNews = named && named.at <= now && now - named.at <= NEWS_MS;
  if (!isNews) return { calls: inFlight === 0 ? 1 : 0, nextAt: now };
  const { limits, at } = named;
  const budgets = [
    { limit: limits.requests, each: 1 },
    { limit: limits.inputTokens, each: need.inputTokens },
    { limit: limits.outputTokens, each: need.outputTokens },
  ];
  let calls = free;
  let nextAt = now;
  for (const { limit, each } of budgets) {
    if (!limit || each <= 0 || now >= limit.resetAt) continue;
    // Limits fill up again evenly, all through the minute.
    const refilled = ((now - at) * limit.limit) / MINUTE_MS;
    const left = Math.min(limit.limit, limit.remaining + refilled) - inFlight * each;
    const may = Math.max(0, Math.floor(left / each));
    if (may < 1) {
      const wait = Math.ceil(((each - left) * MINUTE_MS) / Math.max(1, limit.limit));
      nextAt = Math.max(nextAt, Math.min(limit.resetAt, now + wait));
    }
    calls = Math.min(calls, may);
  }
  // More than a limit allows at all: one at a time, or it would never begin.
  if (calls <= 0 && inFlight === 0 && nextAt <= now) return { calls: 1, nextAt: now };
  return { calls: Math.max(0, calls), nextAt };
}

/** The pace after an answer. */
export function nameLimits(pace: Pace, limits: RateLimits, now: number): Pace {
  return { ...pace, named: { limits, at: now } };
}

/** The pace after Claude has asked for a pause. */
export function pauseUntil(pace: Pace, until: number, now: number): Pace {
  const before = pace.pause && pace.pause.from <= now ? pace.pause.until : 0;
  return { ...pace, pause: { from: now, until: Math.max(before, until) } };
}

/** The pace when a person asks to try again at once. */
export function endPause(pace: Pace): Pace {
  return { ...pace, pause: null };
}
