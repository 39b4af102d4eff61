import type { Effect } from '../../core/delivery/effects.ts';
import type { Db, Tx } from '../db/tables.ts';
import type { StoredEffect } from './queue.ts';

/** The bot's posts, waiting or delivered, by key or ts. */

/** The state of a post; undefined when there is none. */
export async function findPostState(
  db: Db | Tx,
  key: string,
): Promise<StoredEffect['state'] | undefined> {
  const row = await db
    .selectFrom('outbox')
    .select('state')
    .where('key', '=', key)
    .executeTakeFirst();
  return row?.state;
}

/** Whether there is such a post, and it is not dead. */
export async function hasPost(tx: Tx, key: string): Promise<boolean> {
  const state = await findPostState(tx, key);
  return state !== undefined && state !== 'dead';
}

/** The ts of a post; undefined while it is not delivered. */
export async function findPostedTs(db: Db | Tx, key: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('outbox')
    .select('posted_ts')
    .where('key', '=', key)
    .executeTakeFirst();
  return row?.posted_ts ?? undefined;
}

/** The ts of each delivered post of a digest, by key: the parent and the posts in its thread. */
export async function readPostedTs(db: Db | Tx, digest: string): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('outbox')
    .select(['key', 'posted_ts'])
    .where((eb) => eb.or([eb('key', '=', digest), eb('parent', '=', digest)]))
    .where('key', 'not like', 'card-%')
    .where('posted_ts', 'is not', null)
    .execute();
  return new Map(rows.flatMap(({ key, posted_ts: ts }) => (ts === null ? [] : [[key, ts]])));
}

/** The posts in the thread of a digest that do not belong to a single message. */
export function listDigestPosts(
  tx: Tx,
  digest: string,
): Promise<{ key: string; priority: number }[]> {
  return tx
    .selectFrom('outbox')
    .select(['key', 'priority'])
    .where('parent', '=', digest)
    .where('lane', 'like', 'post %')
    .where('key', 'not like', 'card-%')
    .where('state', '!=', 'dead')
    .execute();
}

/** What a post shows at present. @returns undefined when there is no such post */
export async function readPost(
  db: Db,
  key: string,
): Promise<(Effect & { kind: 'post' }) | undefined> {
  const row = await db
    .selectFrom('outbox')
    .select('effect')
    .where('key', '=', key)
    .executeTakeFirst();
  const effect: Effect | undefined = row && JSON.parse(row.effect);
  return effect?.kind === 'post' ? effect : undefined;
}

/** The bot's post with this ts; undefined while its ts is not known. */
export async function findPostByTs(
  db: Db | Tx,
  channel: string,
  ts: string,
): Promise<(Effect & { kind: 'post' }) | undefined> {
  const row = await db
    .selectFrom('outbox')
    .select('effect')
    .where('channel', '=', channel)
    .where('posted_ts', '=', ts)
    .executeTakeFirst();
  return row && JSON.parse(row.effect);
}
