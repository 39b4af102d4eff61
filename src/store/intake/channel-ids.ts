import { digestKey, type NewEffect, PRIORITY } from '../../core/delivery/effects.ts';
import { deferReferences, moveRows } from '../db/move-rows.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';
import { addEffects } from '../delivery/outbox.ts';
import { markStale } from '../digest/stale.ts';
import { IS_OPEN } from '../people/flags.ts';
import { findChannel } from './channels.ts';

/** The ids that channels had before, and the change to another one. */

export interface IdChange {
  former: string;
  id: string;
}

export function listFormerIds(db: Db): Promise<(IdChange & { changed_at: number })[]> {
  return db.selectFrom('channel_ids').selectAll().execute();
}

/** Remembers a channel's former id. All earlier ones lead to the new id as well. */
export async function recordFormerId(tx: Tx, { former, id }: IdChange, now: number): Promise<void> {
  await tx.deleteFrom('channel_ids').where('former', '=', id).execute();
  await tx.updateTable('channel_ids').set({ id }).where('id', '=', former).execute();
  await tx
    .insertInto('channel_ids')
    .values({ former, id, changed_at: now })
    .onConflict((conflict) => conflict.column('former').doUpdateSet({ id, changed_at: now }))
    .execute();
}

/**
 * Puts the new id in place of the former one in every table, and in the posts that the outbox keeps.
 * Doing it again moves only what was stored under the former id in the meantime. Where the new id has
 * the same row already, the row with the longer history, that of the former id, replaces it.
 * @returns false when each of them has an open run: there can be only one, so it has to wait
 */
export async function rekeyChannel(tx: Tx, change: IdChange, now: number): Promise<boolean> {
  const { former, id } = change;
  if (await haveBothOpenRuns(tx, change)) return false;
  await deferReferences(tx);
  const last = await findLastPublished(tx, former);
  const shown = await listShownPosts(tx, former, digestKey(last ?? 0));
  // A digest that is being written may miss cards: it is written again.
  if (last !== null) await markStale(tx, last, now);
  await rekeyOutbox(tx, change);
  for (const { name, columns } of await tx.introspection.getTables()) {
    if (!columns.some((column) => column.name === 'channel')) continue;
    await moveRows(tx, name, { column: 'channel', from: former, to: id });
  }
  const before = await findChannel(tx, id);
  // The bot is in it now. If it had left, messages count from its new arrival, which is looked up.
  await tx
    .updateTable('channels')
    .set((eb) => ({
      state: 'member',
      name: before?.name ?? eb.ref('name'),
      since_ts: eb.case().when('state', '=', 'left').then(null).else(eb.ref('since_ts')).end(),
    }))
    .where('id', '=', former)
    .execute();
  await moveRows(tx, 'channels', { column: 'id', from: former, to: id });
  await addEffects(
    tx,
    shown.map((post): NewEffect => {
      const key = post.replaceAll(former, id);
      const effect = { kind: 'update' as const, post: key };
      return { key: `moved-${id}-${key}`, channel: id, priority: PRIORITY.reply, effect };
    }),
    now,
  );
  return true;
}

async function haveBothOpenRuns(tx: Tx, { former, id }: IdChange): Promise<boolean> {
  const open = await tx
    .selectFrom('runs')
    .select('channel')
    .where('channel', 'in', [former, id])
    .where('ended_at', 'is', null)
    .execute();
  return open.length > 1;
}

async function findLastPublished(tx: Tx, channel: string): Promise<number | null> {
  const { id } = await tx
    .selectFrom('runs')
    .select((eb) => eb.fn.max<number | null>('id').as('id'))
    .where('channel', '=', channel)
    .where('published_at', 'is not', null)
    .executeTakeFirstOrThrow();
  return id;
}

/** In the outbox the id is also part of keys and lanes, and of the links and buttons of posts. */
async function rekeyOutbox(tx: Tx, { former, id }: IdChange): Promise<void> {
  await tx
    .updateTable('outbox')
    .set((eb) => {
      const replaced = <Column extends keyof Tables['outbox']>(column: Column) =>
        eb.fn<string>('replace', [eb.ref(column), eb.val(former), eb.val(id)]);
      return {
        key: replaced('key'),
        lane: replaced('lane'),
        parent: replaced('parent'),
        effect: replaced('effect'),
      };
    })
    .where('channel', '=', former)
    .execute();
}

/** Posts that people still look at and whose links name the channel: open cards, the last summary. */
async function listShownPosts(tx: Tx, channel: string, digest: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('outbox')
    .select('key')
    .where('channel', '=', channel)
    .where('state', '=', 'done')
    .where('posted_ts', 'is not', null)
    .where('effect', 'like', `%${channel}%`)
    .where((eb) =>
      eb.or([
        eb('key', '=', digest),
        eb('parent', '=', digest),
        eb(
          'key',
          'in',
          eb
            .selectFrom('cards')
            .innerJoin('flags', (join) =>
              join.onRef('flags.channel', '=', 'cards.channel').onRef('flags.ts', '=', 'cards.ts'),
            )
            .select('cards.key')
            .where('cards.channel', '=', channel)
            .where(IS_OPEN),
        ),
      ]),
    )
    .execute();
  return rows.map(({ key }) => key);
}

/** What is known to have been posted in a channel, to recognise it by: the newest of it. */
export async function listLandmarks(
  db: Db,
  channel: string,
): Promise<{ feedback: Landmark[]; posts: string[] }> {
  const feedback = await db
    .selectFrom('messages')
    .select(['ts', 'author', 'author_name as authorName', 'text'])
    .where('channel', '=', channel)
    .where('deleted_at', 'is', null)
    .orderBy('ts', 'desc')
    .limit(LANDMARKS)
    .execute();
  const posts = await db
    .selectFrom('outbox')
    .select('posted_ts as ts')
    .where('channel', '=', channel)
    .where('posted_ts', 'is not', null)
    .where('key', 'like', 'digest-%')
    .orderBy('posted_ts', 'desc')
    .limit(LANDMARKS)
    .execute();
  return { feedback, posts: posts.flatMap(({ ts }) => ts ?? []) };
}

export interface Landmark {
  ts: string;
  author: string | null;
  authorName: string | null;
  text: string;
}

const LANDMARKS = 3;
