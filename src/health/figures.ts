import { startOfMonth } from '../core/calendar.ts';
import { isSlackError } from '../core/delivery/slack-errors.ts';
import { OF_ACCOUNT } from '../core/runs/trouble.ts';
import type { Context } from '../jobs/context.ts';
import { countUnjudged, listTroubles } from '../store/health/facts.ts';
import { readBilled } from '../store/runs/costs.ts';

/** What an operator watches of one of many workspaces. */
export interface WorkspaceFigures {
  /** What Claude has billed this month, in US dollars; null when the price of a model is not known. */
  spentUsd: number | null;
  /** What it may spend a month; null: no limit. */
  budgetUsd: number | null;
  pending: number;
  /** Claude refuses its key, or more spending. Not when nobody has set a key yet. */
  isRefusedByClaude: boolean;
}

/** Makes four statements, each of which reads an index. */
export async function measureWorkspace({
  db,
  clock,
  settings,
  hosted,
}: Pick<Context, 'db' | 'clock' | 'settings' | 'hosted'>): Promise<WorkspaceFigures> {
  const { monthlyBudgetUsd, timeZone } = settings;
  const troubles = await listTroubles(db);
  return {
    spentUsd: await readBilled(db, startOfMonth(clock.now(), timeZone)),
    budgetUsd: monthlyBudgetUsd,
    pending: (await countUnjudged(db)).pending,
    isRefusedByClaude:
      hosted?.key !== 'none' &&
      troubles.some((trouble) => OF_ACCOUNT.some((cause) => cause === trouble)),
  };
}

/** Whether Slack refuses the workspace's token, or does not let the app in, as far as this process has met it. */
export function isRefusedBySlack({
  connection: { listRefusal },
  refusedLanes,
  clock,
}: Pick<Context, 'connection' | 'refusedLanes' | 'clock'>): boolean {
  const isListRefused =
    listRefusal !== null &&
    (isSlackError(listRefusal, 'token') || isSlackError(listRefusal, 'workspace'));
  return isListRefused || refusedLanes.values().some((until) => until > clock.now());
}
