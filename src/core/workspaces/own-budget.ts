/** What the operator lets one workspace spend at Claude in a month, in US dollars. */
export type OwnBudget =
  /** As much as any other: what MONTHLY_BUDGET_USD says. */
  | 'default'
  /** As much as it wants. */
  | 'none'
  | number;

/**
 * @param forAll what MONTHLY_BUDGET_USD says; null: no limit
 * @returns null: no limit
 */
export function budgetInForce(own: OwnBudget, forAll: number | null): number | null {
  if (own === 'default') return forAll;
  return own === 'none' ? null : own;
}
