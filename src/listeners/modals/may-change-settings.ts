import { type Context, isWatched } from '../../jobs/context.ts';
import { findPermissionProblem } from '../../jobs/people/take-acts.ts';
import { listMemberChannels } from '../../store/intake/channels.ts';

/** Who may change the settings: everybody in a watched channel, except guests and bots. */

/** How long to wait for Slack: a modal, or the answer to one, has to be sent within three seconds. */
const TIMEOUT_MS = 1_500;

/**
 * @param channel where the person is now; checked first, as it is probably a watched one
 * @returns why the person may not change settings; undefined when they may; `later` when Slack does
 * not answer in time
 */
export async function findSettingsProblem(
  context: Context,
  user: string,
  channel?: string,
): Promise<'guest' | 'outside' | 'later' | undefined> {
  const { clock, log } = context;
  const waiting = new AbortController();
  const late = clock.sleep(TIMEOUT_MS, waiting.signal).then(() => 'later' as const);
  const checked = checkChannels(context, user, channel).catch((error: unknown) => {
    log.warn({ err: error, user }, 'could not ask Slack whether a person may change the settings');
    return 'later' as const;
  });
  const refusal = await Promise.race([checked, late]);
  waiting.abort();
  return refusal;
}

async function checkChannels(
  context: Context,
  user: string,
  channel: string | undefined,
): Promise<'guest' | 'outside' | undefined> {
  const watched = (await listMemberChannels(context.db))
    .map(({ id }) => id)
    .filter((id) => isWatched(context, id))
    .sort((a, b) => Number(b === channel) - Number(a === channel));
  for (const id of watched) {
    const refusal = await findPermissionProblem(context, id, user);
    if (refusal === undefined) return undefined;
    if (refusal !== 'outside') return 'guest';
  }
  return 'outside';
}
