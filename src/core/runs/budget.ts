import type { Lane } from './lane.ts';

/** What may be spent at Claude in a month. It stops express runs first, because they cost more, then all. */

export interface Budget {
  /** What a month may cost, in US dollars. */
  usd: number;
  /**
   * What this month has cost so far, and what open runs may still cost at most; null when the price of a
   * model is not known.
   */
  committedUsd: number | null;
}

/** Returns how much of a budget is left, in US dollars; 0 if a price is not known. */
export function leftOf({ usd, committedUsd }: Budget): number {
  return committedUsd === null ? 0 : Math.max(0, usd - committedUsd);
}

/**
 * Whether something may be spent.
 * @param budget null: there is none
 * @param usd what it costs at most; null when the price of the model is not known
 */
export function fitsBudget(budget: Budget | null, usd: number | null): boolean {
  if (budget === null || usd === 0) return true;
  return usd !== null && usd <= leftOf(budget);
}

/** The lanes that a run may take at these prices. */
export function lanesWithin(budget: Budget | null, prices: Record<Lane, number | null>): Lane[] {
  return (['batch', 'express'] as const).filter((lane) => fitsBudget(budget, prices[lane]));
}
