/** The 97.5 % quantile of the standard normal distribution. */
const Z = 1.959963984540054;

export interface Interval {
  low: number;
  high: number;
}

/** The 95 % Wilson interval of a share; null when nothing was counted. */
export function wilson(right: number, total: number): Interval | null {
  if (total === 0) return null;
  const share = right / total;
  const spread = Z * Math.sqrt((share * (1 - share)) / total + (Z * Z) / (4 * total * total));
  const centre = share + (Z * Z) / (2 * total);
  const scale = 1 + (Z * Z) / total;
  return {
    low: Math.max(0, (centre - spread) / scale),
    high: Math.min(1, (centre + spread) / scale),
  };
}

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
