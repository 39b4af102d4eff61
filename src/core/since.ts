import { addDays, dateOf, startOfDate } from './calendar.ts';

/** Reads times that people type: `today`, `7d`, `2026-11-01`. Days are calendar days in a time zone. */

/** A span of time and the span before it, for comparison, in ms since 1970. */
export interface Span {
  /** Included; `to` is not. */
  from: number;
  to: number;
  before: { from: number; to: number };
}

/**
 * The last `days` days, including today up to now, and the same number of days before them. The last
 * day of that earlier span also ends at the present time of day.
 */
export function spanOf(days: number, now: number, timeZone: string): Span {
  const today = dateOf(now, timeZone);
  const startOf = (daysAgo: number) => startOfDate(addDays(today, -daysAgo), timeZone);
  // A day of 25 hours may already have lasted longer than the whole day it is compared with.
  const elapsed = now - startOf(0);
  return {
    from: startOf(days - 1),
    to: now,
    before: {
      from: startOf(2 * days - 1),
      to: Math.min(startOf(days) + elapsed, startOf(days - 1)),
    },
  };
}

/**
 * @param timeZone whose midnight counts
 * @returns the start in ms since 1970; undefined when this is no time, or a time in the future
 */
export function parseSince(typed: string, now: number, timeZone: string): number | undefined {
  const word = typed.toLowerCase();
  if (word === 'today') return startOfDate(dateOf(now, timeZone), timeZone);
  const [, days] = /^(\d{1,4})d$/.exec(word) ?? [];
  if (days) return Number(days) > 0 ? spanOf(Number(days), now, timeZone).from : undefined;
  if (!isDate(word)) return undefined;
  const from = startOfDate(word, timeZone);
  return from <= now ? from : undefined;
}

/** Whether the date exists: the 30th of February does not. */
function isDate(word: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(word)) return false;
  const noon = new Date(`${word}T12:00:00Z`);
  return !Number.isNaN(noon.getTime()) && noon.toISOString().startsWith(word);
}
