import { type Context, isWatched } from '../../jobs/context.ts';
import { findBar } from '../../jobs/people/take-acts.ts';
import { listMemberChannels } from '../../store/intake/channels.ts';

/** Who may change the settings: everyone in a channel that is watched, but no guests and no bots. */

/** Slack takes a modal, and an answer to one, for three seconds: by then it has to be told. */
const PATIENCE_MS = 1_500;

/**
 * @param channel where they are, which is likely one that is watched
 * @returns why this person may not; `later` when Slack does not say in time
 */
export async function findSettingsBar(
  context: Context,
  user: string,
  channel?: string,
): Promise<'guest' | 'outside' | 'later' | undefined> {
  const { clock, log } = context;
  const waiting = new AbortController();
  const late = clock.sleep(PATIENCE_MS, waiting.signal).then(() => 'later' as const);
  const asked = ask(context, user, channel).catch((error: unknown) => {
    log.warn({ err: error, user }, 'Slack could not be asked whether somebody may change settings');
    return 'later' as const;
  });
  const bar = await Promise.race([asked, late]);
  waiting.abort();
  return bar;
}

async function ask(
  context: Context,
  user: string,
  channel: string | undefined,
): Promise<'guest' | 'outside' | undefined> {
  const watched = (await listMemberChannels(context.db))
    .map(({ id }) => id)
    .filter((id) => isWatched(context, id))
    .sort((a, b) => Number(b === channel) - Number(a === channel));
  for (const id of watched) {
    const bar = await findBar(context, id, user);
    if (bar === undefined) return undefined;
    if (bar !== 'outside') return 'guest';
  }
  return 'outside';
}
