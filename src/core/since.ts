import { dateOf, startOfDate } from './calendar.ts';

/** Where a span of time begins that somebody typed: `today`, `7d`, `2026-11-01`. */

const DAY_MS = 24 * 3_600_000;

/**
 * @param timeZone whose midnight counts
 * @returns ms since 1970; undefined when it says no time, or one that is still to come
 */
export function parseSince(typed: string, now: number, timeZone: string): number | undefined {
  const word = typed.toLowerCase();
  if (word === 'today') return startOfDate(dateOf(now, timeZone), timeZone);
  const [, days] = /^(\d{1,4})d$/.exec(word) ?? [];
  if (days) return Number(days) > 0 ? now - Number(days) * DAY_MS : undefined;
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
