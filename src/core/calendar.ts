import { DAY_MS, MINUTE_MS } from './durations.ts';

/**
 * Calendar days in a time zone. A day lasts 23 or 25 hours when the clocks change, and may not begin
 * at 00:00.
 */

export interface Day {
  /** Such as `2026-11-23`. */
  date: string;
  /** ms since 1970; `from` is included, `to` is not. */
  from: number;
  to: number;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** The date of a moment in a time zone (IANA, such as Europe/Paris): `2026-11-23`. */
export function dateOf(ms: number, timeZone: string): string {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    // Swedish dates are ISO dates.
    formatter = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
    formatters.set(timeZone, formatter);
  }
  return formatter.format(ms);
}

/** The first moment of a date in a time zone, in ms since 1970. */
export function startOfDate(date: string, timeZone: string): number {
  const noon = Date.parse(`${date}T12:00:00Z`);
  // A binary search. No zone is more than 14 hours from UTC, and dates never run backwards: where the
  // clocks go back at midnight, the next date begins after the change.
  let before = noon - 2 * DAY_MS;
  let at = noon + 2 * DAY_MS;
  while (at - before > MINUTE_MS) {
    const middle = before + Math.floor((at - before) / 2 / MINUTE_MS) * MINUTE_MS;
    if (dateOf(middle, timeZone) >= date) at = middle;
    else before = middle;
  }
  return at;
}

/** The date this many days later, or earlier when `days` is negative. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T12:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The last days up to `now`, the oldest first; today ends with `now`. */
export function lastDays(now: number, days: number, timeZone: string): Day[] {
  const today = dateOf(now, timeZone);
  const dates = Array.from({ length: days }, (_, n) => addDays(today, n + 1 - days));
  const starts = dates.map((date) => startOfDate(date, timeZone));
  return dates.map((date, n) => ({ date, from: starts[n] ?? now, to: starts[n + 1] ?? now + 1 }));
}

/** The first moment of the current month. */
export function startOfMonth(now: number, timeZone: string): number {
  return startOfDate(`${dateOf(now, timeZone).slice(0, 7)}-01`, timeZone);
}

/** The first moment of the current week, which begins on Monday. */
export function startOfWeek(now: number, timeZone: string): number {
  const today = dateOf(now, timeZone);
  const sinceMonday = (new Date(`${today}T12:00:00Z`).getUTCDay() + 6) % 7;
  return startOfDate(addDays(today, -sinceMonday), timeZone);
}
