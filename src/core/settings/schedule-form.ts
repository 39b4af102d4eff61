/**
 * Converts between schedules as people choose them and cron patterns: a time on some days of the week,
 * or every few hours.
 */

export interface Weekly {
  /** 1 is Monday, 7 is Sunday. Sorted, at least one. */
  days: number[];
  /** `09:00`, on a 24-hour clock. */
  time: string;
}

const DAY_NAMES = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** A pattern as days and a time; null when it has another form. */
export function parseWeekly(pattern: string): Weekly | null {
  const [minute = '', hour = '', dayOfMonth, month, weekdays = '', ...more] = pattern
    .trim()
    .split(/\s+/);
  if (more.length > 0 || dayOfMonth !== '*' || month !== '*') return null;
  const [h, m] = [readNumber(hour, 23), readNumber(minute, 59)];
  const days = parseDays(weekdays);
  if (h === null || m === null || days === null) return null;
  return { days, time: `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}` };
}

export function formatWeekly({ days, time }: Weekly): string {
  const [hour, minute] = time.split(':').map(Number);
  return `${minute} ${hour} * * ${formatDays(days)}`;
}

/** The intervals that people can choose, in hours. */
export const EVERY_HOURS = [1, 2, 4, 6, 12] as const;
type EveryHours = (typeof EVERY_HOURS)[number];

export const formatEvery = (hours: EveryHours) =>
  hours === 1 ? '0 * * * *' : `0 */${hours} * * *`;

/** A pattern as a number of hours; null when it has another form. */
export function parseEvery(pattern: string): EveryHours | null {
  return EVERY_HOURS.find((hours) => formatEvery(hours) === pattern.trim()) ?? null;
}

function readNumber(text: string, max: number): number | null {
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value <= max ? value : null;
}

function readDay(text: string): number | null {
  const named = DAY_NAMES.indexOf(text.toUpperCase());
  return named >= 0 ? named : readNumber(text, 7);
}

function parseDays(field: string): number[] | null {
  if (field === '*') return [1, 2, 3, 4, 5, 6, 7];
  const days = new Set<number>();
  for (const part of field.split(',')) {
    const [first = '', last = first, ...more] = part.split('-');
    const [from, to] = [readDay(first), readDay(last)];
    if (more.length > 0 || from === null || to === null || from > to) return null;
    // Sunday is both 0 and 7.
    for (let day = from; day <= to; day++) days.add(day === 0 ? 7 : day);
  }
  return [...days].sort();
}

function formatDays(days: number[]): string {
  if (days.length === 7) return '*';
  const runs: [number, number][] = [];
  for (const day of [...days].sort()) {
    const last = runs.at(-1);
    if (last && last[1] === day - 1) last[1] = day;
    else runs.push([day, day]);
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}
