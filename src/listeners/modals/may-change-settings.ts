import { type Context, isWatched } from '../../jobs/context.ts';
import { checkInTime, findPermissionProblem } from '../../jobs/people/permissions.ts';
import { listMemberChannels } from '../../store/intake/channels.ts';

/** Who may change the settings: members of the workspace who are in a watched channel. */

/**
 * @param channel where the person is now; checked first, as it is probably a watched one
 * @returns why the person may not change settings; undefined when they may; `later` when Slack does
 * not answer in time
 */
export async function findSettingsProblem(
  context: Context,
  user: string,
  channel?: string,
): Promise<'guest' | 'foreign' | 'unknown' | 'outside' | 'later' | undefined> {
  return checkInTime(context, user, () => checkChannels(context, user, channel));
}

/** The watched channels that a person is in, as far as Slack tells in time. */
export async function listTheirChannels(context: Context, user: string): Promise<string[]> {
  const channels = (await listMemberChannels(context.db)).filter(({ id }) =>
    isWatched(context, id),
  );
  const problems = await Promise.all(
    channels.map(({ id }) =>
      checkInTime(context, user, () => findPermissionProblem(context, id, user)),
    ),
  );
  return channels.flatMap(({ id }, index) => (problems[index] === undefined ? [id] : []));
}

/** Checks one channel after another. */
async function checkChannels(
  context: Context,
  user: string,
  channel: string | undefined,
): Promise<'guest' | 'foreign' | 'unknown' | 'outside' | undefined> {
  const watched = (await listMemberChannels(context.db))
    .map(({ id }) => id)
    .filter((id) => isWatched(context, id))
    .sort((a, b) => Number(b === channel) - Number(a === channel));
  for (const id of watched) {
    const refusal = await findPermissionProblem(context, id, user);
    if (refusal === undefined) return undefined;
    if (refusal !== 'outside') return refusal === 'moot' ? 'guest' : refusal;
  }
  return 'outside';
}
