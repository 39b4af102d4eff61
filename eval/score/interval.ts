import type { Interval } from '../../src/core/proportions.ts';

/** The middle 95 % of some values; null when there are none. */
export function middle(values: number[]): Interval | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((one, other) => one - other);
  return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

/** Interpolates between neighbours. @param sorted ascending, not empty */
function quantile(sorted: number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}
