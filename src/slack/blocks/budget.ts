import { type Budget, leftOf } from '../../core/runs/budget.ts';
import { formatAtMost, formatUsd } from '../../core/text.ts';

/** What people read about the month's budget; plain text, which is also mrkdwn. */

/** Why nothing was started. @param usd what the run costs at most; null when that is not known */
export function describeOverBudget(
  budget: Budget,
  { messages, usd, model }: { messages: string; usd: number | null; model: string },
): string {
  const limit = `This month's budget for Claude is ${formatUsd(budget.usd)}`;
  if (budget.committedUsd === null || usd === null) {
    return `${limit}, and the price of ${model} is not known to me: classifying ${messages} might exceed it, so nothing was started. Your Winnow admin can choose another model, or change MONTHLY_BUDGET_USD.`;
  }
  return `${limit}, and ${formatUsd(leftOf(budget))} of it is left. Classifying ${messages} costs ${formatAtMost(usd)}, so nothing was started. The messages wait until next month, or until your Winnow admin raises MONTHLY_BUDGET_USD.`;
}

/** What is left of the month's budget: the end of a sentence about what was spent. */
export const describeLeft = ({ usd, leftUsd }: { usd: number; leftUsd: number }): string =>
  `; of the budget of ${formatUsd(usd)} for all channels, ${formatUsd(leftUsd)} is left`;
