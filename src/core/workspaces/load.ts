import { DAY_MS, HOUR_MS } from '../durations.ts';

/**
 * What a workspace costs the process that works for it. It is counted in writes to its database an hour, on the average
 * of about a day, which the process knows for nothing.
 */

/**
 * An idle workspace costs memory, and jobs that look whether there is something to do: about as much as eight messages an
 * hour, each of which takes a dozen writes.
 */
export const IDLE_LOAD = 100;

export const loadOf = (writesPerHour: number): number => IDLE_LOAD + writesPerHour;

/**
 * @param before the average so far
 * @param writes how many there were in the last `ms`
 * @returns the average of writes an hour, in which what was a day ago counts about a third
 */
export function averageWrites(before: number, writes: number, ms: number): number {
  if (ms <= 0) return before;
  const weight = 1 - Math.exp(-ms / DAY_MS);
  return before + weight * ((writes * HOUR_MS) / ms - before);
}

/** Whether a load is at least twice another one, or half of it: the hours of a day make no such difference. */
export const isMuchElse = (load: number, other: number): boolean =>
  load >= 2 * other || other >= 2 * load;
