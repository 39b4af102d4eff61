import type { Effect } from '../../core/delivery/effects.ts';
import type { Db, Tx } from '../db/tables.ts';
import type { StoredEffect } from './queue.ts';

/** Posts of ours, whether on their way or delivered, by their key or their ts. */

/** What has become of a post; undefined when none was written. */
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

/** Whether a post was written that is not dead. */
export async function hasPost(tx: Tx, key: string): Promise<boolean> {
  const state = await findPostState(tx, key);
  return state !== undefined && state !== 'dead';
}

/** The ts of a digest's parent and of the posts in its thread, by their keys: of those that are posted. */
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

/** The posts in the thread of a digest that belong to no single message. */
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

/** What a post is to look like by now. @returns undefined when there is no such post */
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

/** Our post with this ts, when it is known by now. */
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
