import { budgetInForce, type OwnBudget } from '../core/workspaces/own-budget.ts';
import type { OperatorConfig } from '../many-config.ts';
import { notify } from '../store/db/postgres/notices.ts';
import { setBudget } from '../store/workspaces/workspaces.ts';
import { openForChange } from './open.ts';
import { readWorkspace } from './read.ts';
import { describeBudget } from './words.ts';

/**
 * Sets what a workspace may spend a month. A process that works for it starts it again with that, within seconds.
 * @returns what holds now, in words
 * @throws RefusedError when there is no such workspace, or the place cannot be used
 */
export async function changeBudget(
  team: string,
  budget: OwnBudget,
  config: OperatorConfig,
  now: number,
): Promise<string> {
  const { database, monthlyBudgetUsd } = config;
  const seen = await readWorkspace(team, config, now);
  const control = await openForChange(database);
  try {
    await setBudget(control, team, budget);
    // With a file there is one process, which looks every second.
    if (database.kind === 'postgres') await notify(control, { kind: 'workspaces' });
  } finally {
    await control.destroy();
  }
  return describeBudget({ ...seen, budget, budgetUsd: budgetInForce(budget, monthlyBudgetUsd) });
}
