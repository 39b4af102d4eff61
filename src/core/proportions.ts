/** How sure a share is that was counted in a sample. */

/** The 97.5 % quantile of the standard normal distribution. */
const Z = 1.959963984540054;

export interface Interval {
  low: number;
  high: number;
}

export interface Estimate extends Interval {
  share: number;
}

/**
 * The 95 % Wilson interval of a share; null when nothing was counted.
 * @param total how many were counted; an effective number of them need not be whole
 */
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

export interface Stratum {
  /** How large the group is in all that the sample stands for, in any unit. */
  weight: number;
  right: number;
  counted: number;
}

/**
 * A share of all, from a sample in which groups are not represented by their sizes. Each group counts by its
 * weight, as far as something of it was counted. The interval is Wilson's, for the effective sample size by
 * Kish: as many as a simple random sample would need for the same weights (`docs/decisions/how-often-right.md`).
 * @returns null when nothing was counted
 */
export function estimateShare(strata: Stratum[]): Estimate | null {
  const known = strata.filter(({ counted, weight }) => counted > 0 && weight > 0);
  const all = known.reduce((sum, { weight }) => sum + weight, 0);
  if (all === 0) return null;
  let share = 0;
  let inverse = 0;
  for (const { weight, right, counted } of known) {
    const part = weight / all;
    share += (part * right) / counted;
    inverse += (part * part) / counted;
  }
  const effective = 1 / inverse;
  // Sums of parts may be a hair above 1, of which Wilson's formula takes a root.
  share = Math.min(1, share);
  return { share, ...(wilson(share * effective, effective) ?? { low: 0, high: 1 }) };
}

/**
 * The 95 % interval of the difference of two shares that were counted independently, by Newcombe (1998,
 * method 10).
 */
export function compareShares(now: Estimate, before: Estimate): Interval {
  const difference = now.share - before.share;
  const below = Math.hypot(now.share - now.low, before.high - before.share);
  const above = Math.hypot(now.high - now.share, before.share - before.low);
  return { low: difference - below, high: difference + above };
}
