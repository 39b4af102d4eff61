import type { HomeFacts } from '../../core/home/facts.ts';
import type { SetUp } from '../../core/home/set-up.ts';
import type { Home } from '../../store/home/homes.ts';
import { findLastDigest } from '../../store/runs/runs.ts';
import { findLastSettingsChange } from '../../store/settings/settings.ts';
import type { Context } from '../context.ts';
import { findKeyProblem, learnRole } from '../people/permissions.ts';

/** Reads how far a hosted bot is set up, for one person's Home tab. */

/**
 * @param watched the channels that the bot watches
 * @returns null for a bot of its own, and for people who may change nothing
 * @throws SlackReadError when Slack cannot be asked who somebody is
 */
export async function readSetUp(
  context: Context,
  home: Home,
  viewer: HomeFacts['viewer'],
  watched: string[],
): Promise<SetUp | null> {
  const { hosted, settings } = context;
  if (hosted === null || viewer !== 'member') return null;
  const { key, installedBy } = hosted;
  // Their name is shown.
  if (key === 'none') await learnRole(context, installedBy);
  return {
    key,
    installedBy,
    maySetKey: key !== 'shared' && (await maySetKey(context, home)),
    summarySchedule: settings.summarySchedule,
    scheduleSettled: await isScheduleSettled(context, watched),
  };
}

/** Slack is asked whenever somebody opens their tab: they may have become an admin, or be one no more. */
async function maySetKey(context: Context, { user, checked_at }: Home): Promise<boolean> {
  const { keySetters } = context;
  if (checked_at === null || !keySetters.has(user)) {
    keySetters.set(user, (await findKeyProblem(context, user)) === undefined);
  }
  return keySetters.get(user) ?? false;
}

async function isScheduleSettled({ db }: Context, watched: string[]): Promise<boolean> {
  if (await findLastSettingsChange(db)) return true;
  for (const channel of watched) if (await findLastDigest(db, channel)) return true;
  return false;
}
