import { MINUTE_MS } from '../durations.ts';

/**
 * Exponential backoff: how many ms to wait, doubling with each failure in a row.
 * @param firstMs the wait when `failures` is 0
 */
export function backoffMs(
  failures: number,
  { firstMs, mostMs } = { firstMs: 1000, mostMs: 5 * MINUTE_MS },
): number {
  return Math.min(mostMs, firstMs * 2 ** failures);
}
