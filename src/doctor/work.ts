import type { Clock } from '../core/clock.ts';
import type { ActiveSettings } from '../core/settings/settings.ts';
import { formatUsd } from '../core/text.ts';
import { readBudget } from '../jobs/runs/price.ts';
import type { Db } from '../store/db/tables.ts';
import { listHolds } from '../store/delivery/holds.ts';
import { listMemberChannels } from '../store/intake/channels.ts';
import { listOpenRuns } from '../store/runs/runs.ts';
import { RAISE, SPENT } from './claude.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

/** What keeps the bot from its work, by its own database: Slack says some things only when it is tried. */
export async function checkWork(
  db: Db,
  clock: Clock,
  settings: ActiveSettings,
): Promise<Finding[]> {
  const channels = await listMemberChannels(db);
  const holds = await listHolds(
    db,
    channels.map(({ id }) => id),
  );
  const refused = holds.flatMap(({ needs, channel, reason }) =>
    needs === 'emoji'
      ? []
      : [
          fault(
            `Slack did not let Winnow ${DOES[needs]} in ${channel} (${reason}).`,
            "Ask an admin of the workspace to allow it in the channel's settings under Posting permissions.",
          ),
        ],
  );
  const runs = await listOpenRuns(db);
  const spent = runs.some(({ trouble_cause: cause }) => cause === 'budget')
    ? [fault(`${SPENT} A run waits for it.`, RAISE)]
    : [];
  const budget = await readBudget(db, { clock, settings });
  const budgeted =
    budget?.committedUsd != null && budget.committedUsd >= budget.usd
      ? [
          warning(
            `The month’s budget of ${formatUsd(budget.usd)} is used up.`,
            'Raise MONTHLY_BUDGET_USD, or wait for the next month.',
          ),
        ]
      : [];
  const found = [...refused, ...spent, ...budgeted];
  return found.length > 0 ? found : [ok('Nothing keeps Winnow from its work.')];
}

const DOES = {
  post: 'post',
  reply: 'reply in threads',
  update: 'change its posts',
  reaction: 'add reactions',
};
