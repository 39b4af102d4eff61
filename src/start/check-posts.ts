import type { Config } from '../config.ts';
import { namePlace } from '../core/database-place.ts';
import type { OwnPost } from '../core/delivery/adoption.ts';
import { tsToMs } from '../core/timestamps.ts';
import { type Context, isWatched } from '../jobs/context.ts';
import { findUnknown } from '../jobs/delivery/adopt.ts';
import { SlackReadError } from '../slack/read.ts';
import { listOwnChannels } from '../slack/read-channels.ts';
import { isRestored } from '../store/db/restore.ts';
import { reserveRuns } from '../store/delivery/adoption.ts';
import { readLastDigests } from '../store/runs/runs.ts';
import { StartError } from './start-error.ts';

const BRING_BACK = {
  sqlite: 'Bring a copy back with npm run restore -- FILE',
  postgres: 'Bring a backup of the server back',
};

/** Slack answers in time, or the first sweep looks. Some apps may read only one channel in this time. */
const PATIENCE_MS = 10_000;

/**
 * Stops the start when the bot has posted what its database does not know: the database is empty, or older, and
 * everything would be posted again. After a restore, or when people want it so, these posts are taken over.
 * @throws StartError
 */
export async function checkPosts(
  context: Context,
  { database, adoptsPosts }: Pick<Config, 'database' | 'adoptsPosts'>,
): Promise<void> {
  if (adoptsPosts || (await isRestored(context.db))) return prepareAdoption(context);
  const unknown = await listInTime(context, 'any');
  if (unknown === 'late') return lookLater(context);
  const [newest] = unknown;
  if (newest) {
    const at = new Date(tsToMs(newest.ts)).toISOString().slice(0, 16).replace('T', ' ');
    throw new StartError(
      `DATABASE_URL: ${namePlace(database)} does not know what Winnow posted in ${newest.channel} at ${at} UTC, so it is new, or older than that, and everything since would be posted again. ${BRING_BACK[database.kind]}, or start once with ADOPT_POSTS=on: Winnow then goes on with this database, and takes over what it has posted.`,
    );
  }
}

/**
 * The first sweep takes over what the database does not know, channel by channel. The numbers of these runs are
 * reserved now: a run of another channel may begin before.
 */
export async function prepareAdoption(context: Context): Promise<void> {
  context.adopted = new Set();
  const unknown = await listInTime(context, 'all');
  if (unknown === 'late') return;
  const runs = unknown.map(({ metadata }) => metadata.event_payload.run ?? 0);
  await reserveRuns(context.db, Math.max(0, ...runs));
}

/** Nothing is posted to a channel until the first sweep has looked for posts there that the database does not know. */
export function lookLater(context: Context): void {
  context.adopted = new Set();
  context.unknownPosts = new Set();
}

async function listInTime(
  context: Context,
  which: 'all' | 'any',
): Promise<PostInChannel[] | 'late'> {
  const waiting = new AbortController();
  const progress = { read: 0 };
  const late = context.clock
    .sleep(PATIENCE_MS, waiting.signal)
    .then(() => (which === 'any' && progress.read > 0 ? [] : ('late' as const)));
  const unknown = await Promise.race([listUnknown(context, which, progress, waiting.signal), late])
    .catch((error: unknown) => {
      if (error instanceof SlackReadError) return 'late' as const;
      throw error;
    })
    .finally(() => waiting.abort());
  if (unknown === 'late') {
    const { log } = context;
    log.warn({}, 'it is not known whether Slack has newer posts than the database: looking later');
  }
  return unknown;
}

/** `channel` is its name for people. */
type PostInChannel = OwnPost & { channel: string };

/** Slack answers so many reads at once; a database that is lost or old shows in each channel that is used. */
const LOOKED_AT = 4;

/**
 * The posts that the database does not know, channel by channel, the newest of each first.
 * @param which `any`: some of them, if there are any
 * @param progress how many channels have been read
 * @throws SlackReadError when no channel can be read
 */
async function listUnknown(
  context: Context,
  which: 'all' | 'any',
  progress: { read: number },
  signal: AbortSignal,
): Promise<PostInChannel[]> {
  const { db, slack, workspace, log } = context;
  const own = await listOwnChannels(slack, workspace);
  const last = await readLastDigests(db);
  const channels = own
    .filter(({ id }) => isWatched(context, id))
    .sort((one, other) => (last.get(other.id) ?? 0) - (last.get(one.id) ?? 0));
  const unknown: PostInChannel[] = [];
  let failure: SlackReadError | undefined;
  for (const { id, name } of channels) {
    if (which === 'any' && (unknown.length > 0 || progress.read === LOOKED_AT)) break;
    const channel = name === null ? id : `#${name}`;
    try {
      for (const post of await findUnknown(context, id, signal)) unknown.push({ ...post, channel });
      progress.read += 1;
    } catch (error) {
      if (!(error instanceof SlackReadError)) throw error;
      log.warn({ err: error, channel: id }, 'the posts of a channel cannot be read');
      failure = error;
    }
  }
  if (failure && progress.read === 0) throw failure;
  return unknown;
}
