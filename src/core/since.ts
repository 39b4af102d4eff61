import { addDays, dateOf, startOfDate } from './calendar.ts';

/** Times that somebody types: `today`, `7d`, `2026-11-01`. Days are those of a time zone. */

/** A span of time, and the one before it that it is compared with, in ms since 1970. */
export interface Span {
  /** From here on, and before `to`. */
  from: number;
  to: number;
  before: { from: number; to: number };
}

/**
 * The last days, today up to now among them, and as many days before them: the last of those, too,
 * only up to the same time of day.
 */
export function spanOf(days: number, now: number, timeZone: string): Span {
  const today = dateOf(now, timeZone);
  const startOf = (daysAgo: number) => startOfDate(addDays(today, -daysAgo), timeZone);
  // A day of 25 hours may have lasted longer by now than the one that it is compared with.
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
 * @returns where it begins, in ms since 1970; undefined when it says no time, or one that is still to come
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

/** A date that there is: the 30th of February is none. */
function isDate(word: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(word)) return false;
  const noon = new Date(`${word}T12:00:00Z`);
  return !Number.isNaN(noon.getTime()) && noon.toISOString().startsWith(word);
}
