import { HOUR_MS } from '../durations.ts';

/** Whether the numbers of two spans can be compared, and how. */

export interface Span {
  /** ms since 1970 */
  from: number;
  to: number;
}

/** Half a day says nothing about a day. */
const SHORTEST_MS = 12 * HOUR_MS;

/** Up to this factor, as between two mornings, the spans count as equally long. */
const EQUAL = 1.25;

/** A weekend is three times as long as a day; what differs more is not comparable. */
const MOST = 4;

/**
 * What to multiply the numbers of the earlier span with, so that both are about as much time.
 * @returns null when the spans cannot be compared
 */
export function findFactor(now: Span, before: Span): number | null {
  const [length, earlier] = [now.to - now.from, before.to - before.from];
  if (length < SHORTEST_MS || earlier < SHORTEST_MS) return null;
  const factor = length / earlier;
  if (factor > MOST || factor < 1 / MOST) return null;
  return factor <= EQUAL && factor >= 1 / EQUAL ? 1 : factor;
}
