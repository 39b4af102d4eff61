import { MINUTE_MS } from '../durations.ts';

/**
 * How many ms to wait after some failures in a row: twice as long after each.
 * @param firstMs after none
 */
export function backoffMs(
  failures: number,
  { firstMs, mostMs } = { firstMs: 1000, mostMs: 5 * MINUTE_MS },
): number {
  return Math.min(mostMs, firstMs * 2 ** failures);
}
