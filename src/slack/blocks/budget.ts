import { type Budget, leftOf } from '../../core/runs/budget.ts';
import type { Host } from '../../core/settings/hosted.ts';
import { formatAtMost, formatUsd } from '../../core/text.ts';
import { beginWithOperator, nameOperator } from './operator.ts';

/** What people read about the month's budget; plain text, which is also mrkdwn. */

interface Wanted {
  /** What it costs at most, in US dollars; null when that is not known. */
  usd: number | null;
  model: string;
}

const nameBudget = (hosted: Host) => (hosted ? 'this budget' : 'MONTHLY_BUDGET_USD');

/** The end of a sentence about messages. */
export const describeWaitForBudget = (hosted: Host) =>
  `wait until next month, or until ${nameOperator(hosted)} raises ${nameBudget(hosted)}.`;

/** Why no run was started. */
export function describeOverBudget(
  budget: Budget,
  { messages, ...wanted }: Wanted & { messages: string },
  hosted: Host,
): string {
  const { why, priced } = explain(budget, `classifying ${messages}`, wanted);
  return priced
    ? `${why} The messages ${describeWaitForBudget(hosted)}`
    : `${why} ${beginWithOperator(hosted)} can choose another model, or change ${nameBudget(hosted)}.`;
}

/** Why changed settings are not tried. */
export function describeRehearsalOverBudget(budget: Budget, wanted: Wanted, hosted: Host): string {
  const { why, priced } = explain(budget, 'trying your changes', wanted);
  const mend = priced ? `raise ${nameBudget(hosted)}` : 'choose another model';
  return `${why} You can save them without trying them, or ask ${nameOperator(hosted)} to ${mend}.`;
}

function explain(
  budget: Budget,
  doing: string,
  { usd, model }: Wanted,
): { why: string; priced: boolean } {
  const limit = `This month's budget for Claude is ${formatUsd(budget.usd)}`;
  if (budget.committedUsd === null || usd === null) {
    const why = `${limit}, and the price of ${model} is not known to me: ${doing} might exceed it, so nothing was started.`;
    return { why, priced: false };
  }
  const cost = `${doing.charAt(0).toUpperCase()}${doing.slice(1)} costs ${formatAtMost(usd)}`;
  const why = `${limit}, and ${formatUsd(leftOf(budget))} of it is left. ${cost}, so nothing was started.`;
  return { why, priced: true };
}

/**
 * What trying settings has cost, for all channels: goes on a sentence about what was spent; '' for nothing.
 * @param usd null when it is not known
 */
export function describeRehearsalCost(usd: number | null): string {
  if (usd === 0) return '';
  return `, and ${usd === null ? 'an unknown price' : formatUsd(usd)} for trying settings`;
}

/** What is left of the month's budget: the end of a sentence about what was spent. */
export const describeLeft = ({ usd, leftUsd }: { usd: number; leftUsd: number }): string =>
  `; of the budget of ${formatUsd(usd)} for all channels, ${formatUsd(leftUsd)} is left`;
