import type { Config } from '../config.ts';
import { tsToMs } from '../core/timestamps.ts';
import { type Context, isWatched } from '../jobs/context.ts';
import { findUnknown } from '../jobs/delivery/adopt.ts';
import { SlackReadError } from '../slack/read.ts';
import { listOwnChannels } from '../slack/read-channels.ts';
import { isRestored } from '../store/db/restore.ts';
import { StartError } from './start-error.ts';

/** Slack answers in time, or the first sweep looks. */
const PATIENCE_MS = 10_000;

/**
 * Stops the start when the bot has posted what its database does not know: the database is empty, or older, and
 * everything would be posted again. After a restore, or when people want it so, these posts are taken over.
 * @throws StartError
 */
export async function checkPosts(
  context: Context,
  { databaseFile, adoptsPosts }: Pick<Config, 'databaseFile' | 'adoptsPosts'>,
): Promise<void> {
  const { db, clock, log } = context;
  if (adoptsPosts || (await isRestored(db))) {
    context.adopted = new Set();
    return;
  }
  const waiting = new AbortController();
  const late = clock.sleep(PATIENCE_MS, waiting.signal).then(() => 'late' as const);
  const found = await Promise.race([findNewest(context), late])
    .catch((error: unknown) => {
      if (error instanceof SlackReadError) return 'late' as const;
      throw error;
    })
    .finally(() => waiting.abort());
  if (found === 'late') {
    log.warn({}, 'it is not known whether Slack has newer posts than the database: looking later');
    context.adopted = new Set();
  } else if (found) {
    const at = new Date(tsToMs(found.ts)).toISOString().slice(0, 16).replace('T', ' ');
    throw new StartError(
      `DATABASE_URL: ${databaseFile} does not know what Winnow posted in ${found.channel} at ${at} UTC, so it is new, or older than that, and everything since would be posted again. Bring a copy back with npm run restore -- FILE, or start once with ADOPT_POSTS=on: Winnow then goes on with this database, and takes over what it has posted.`,
    );
  }
}

/** The newest post that the database does not know, in the first channel that has one. */
async function findNewest(context: Context): Promise<{ channel: string; ts: string } | undefined> {
  const { slack, workspace } = context;
  for (const { id, name } of await listOwnChannels(slack, workspace)) {
    if (!isWatched(context, id)) continue;
    const [newest] = await findUnknown(context, id);
    if (newest) return { channel: name === null ? id : `#${name}`, ts: newest.ts };
  }
  return undefined;
}
