import type { Selectable } from 'kysely';
import { type Effect, laneOf, type NewEffect, type Rendered } from '../../core/delivery/effects.ts';
import type { Db, Tables, Tx } from '../db/database.ts';

/**
 * The outbox: effects from `waiting` through `sending` (a try may have reached Slack) to `done` or
 * `dead`. Rows that were ever tried are never deleted: their keys keep an effect from happening twice.
 */

export interface StoredEffect {
  id: number;
  key: string;
  lane: string;
  channel: string;
  effect: Effect;
  state: Selectable<Tables['outbox']>['state'];
  attempts: number;
  nextAt: number;
  /** When the first try that may have reached Slack was begun, in ms. */
  sendingSince: number | null;
  /** The `ts` of the parent post, or of the post to update, for effects that have one. */
  parentTs: string | null;
}

/** The key of the post that has to be there first: an update's own, a reply's parent. */
function parentOf(effect: Effect): string | null {
  if (effect.kind === 'update') return effect.post;
  return (effect.kind === 'post' && effect.parent) || null;
}

/** What it changes: effects on one thing are done in their order. */
function aboutOf(effect: Effect): string | null {
  if (effect.kind === 'update') return effect.post;
  return 'ts' in effect ? effect.ts : null;
}

/** SQLite takes 32,766 variables a statement, and a summary may have thousands of cards. */
const ROWS_AT_ONCE = 1000;

/** Writes effects. One whose key is known was written before and is left as it is. */
export async function addEffects(tx: Tx, effects: NewEffect[], now: number): Promise<void> {
  for (let start = 0; start < effects.length; start += ROWS_AT_ONCE) {
    await tx
      .insertInto('outbox')
      .values(
        effects.slice(start, start + ROWS_AT_ONCE).map((entry) => ({
          key: entry.key,
          lane: laneOf(entry),
          channel: entry.channel,
          priority: entry.priority,
          effect: JSON.stringify(entry.effect),
          parent: parentOf(entry.effect),
          about: aboutOf(entry.effect),
          state: 'waiting' as const,
          next_at: now,
          sending_since: null,
          posted_ts: null,
          trouble: null,
          created_at: now,
          ended_at: null,
        })),
      )
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute();
  }
}

/**
 * A post is to look like this from now on. One that is not on its way yet goes out so; one that is,
 * or has been posted, is updated after it. Changes are gathered: while an update waits, it will
 * bring this one too.
 * @param afterMs how long to wait for further changes
 */
export async function refreshPost(
  tx: Tx,
  { key, priority, rendered }: { key: string; priority: number; rendered: Rendered },
  now: number,
  afterMs: number,
): Promise<void> {
  const post = await tx
    .selectFrom('outbox')
    .select(['channel', 'state', 'effect'])
    .where('key', '=', key)
    .executeTakeFirst();
  if (!post || post.state === 'dead') return;
  const { text, blocks } = rendered;
  const effect = JSON.stringify({ ...JSON.parse(post.effect), text, blocks });
  if (post.effect === effect) return;
  await tx.updateTable('outbox').set({ effect }).where('key', '=', key).execute();
  if (post.state === 'waiting') return;
  const waiting = await tx
    .selectFrom('outbox')
    .select('id')
    .where('parent', '=', key)
    .where('lane', '=', `update ${post.channel}`)
    // One that is `sending` may have been read before this change.
    .where('state', '=', 'waiting')
    .executeTakeFirst();
  if (waiting) return;
  const { newest } = await tx
    .selectFrom('outbox')
    .select((eb) => eb.fn.max('id').as('newest'))
    .executeTakeFirstOrThrow();
  const update: NewEffect = {
    key: `update-${newest + 1}`,
    channel: post.channel,
    priority,
    effect: { kind: 'update', post: key },
  };
  await addEffects(tx, [update], now + afterMs);
}

/** Effects that are not wanted any more, unless a try of one may have reached Slack. */
export async function cancelUnsent(tx: Tx, keys: string[]): Promise<void> {
  if (keys.length === 0) return;
  await tx
    .deleteFrom('outbox')
    .where('key', 'in', keys)
    .where('state', '=', 'waiting')
    .where('sending_since', 'is', null)
    .execute();
}

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

/** Lanes with something to deliver, now or later. */
export async function listOpenLanes(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('outbox')
    .select('lane')
    .distinct()
    .where('ended_at', 'is', null)
    .execute();
  return rows.map(({ lane }) => lane);
}

/**
 * The next effects of a lane: the most important that are due, whose parent, if any, is posted, and
 * whose channel the bot is in (what waits for another goes on when it is invited again). Of effects
 * on one message only the oldest, so that they can be delivered beside one another.
 * @returns with none due, when the first one will be (`null`: none waits for a time)
 */
export async function nextEffects(
  db: Db,
  lane: string,
  now: number,
  limit: number,
): Promise<{ due: StoredEffect[] } | { due: null; dueAt: number | null }> {
  const open = db
    .selectFrom('outbox')
    .innerJoin('channels', 'channels.id', 'outbox.channel')
    .leftJoin('outbox as above', 'above.key', 'outbox.parent')
    .where('outbox.lane', '=', lane)
    .where('channels.state', '=', 'member')
    .where('outbox.ended_at', 'is', null)
    .where((eb) => eb.or([eb('outbox.parent', 'is', null), eb('above.posted_ts', 'is not', null)]))
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('outbox as earlier')
            .select('earlier.id')
            .whereRef('earlier.channel', '=', 'outbox.channel')
            .whereRef('earlier.about', '=', 'outbox.about')
            .whereRef('earlier.id', '<', 'outbox.id')
            .where('earlier.ended_at', 'is', null),
        ),
      ),
    );
  const rows = await open
    .selectAll('outbox')
    .select('above.posted_ts as parentTs')
    .where('outbox.next_at', '<=', now)
    .orderBy('outbox.priority')
    .orderBy('outbox.id')
    .limit(limit)
    .execute();
  if (rows.length > 0) {
    return {
      due: rows.map((row) => ({
        id: row.id,
        key: row.key,
        lane: row.lane,
        channel: row.channel,
        effect: JSON.parse(row.effect),
        state: row.state,
        attempts: row.attempts,
        nextAt: row.next_at,
        sendingSince: row.sending_since,
        parentTs: row.parentTs,
      })),
    };
  }
  const later = await open
    .select((eb) => eb.fn.min('outbox.next_at').as('dueAt'))
    .executeTakeFirst();
  return { due: null, dueAt: later?.dueAt ?? null };
}

/**
 * Committed before a try that could not be told from a lost one afterwards.
 * @param nextAt not before then is it looked for, should the process die in the try
 */
export async function markSending(
  db: Db,
  id: number,
  { now, nextAt }: { now: number; nextAt: number },
): Promise<void> {
  await db
    .updateTable('outbox')
    .set((eb) => ({
      state: 'sending',
      sending_since: eb.fn.coalesce('sending_since', eb.val(now)),
      next_at: nextAt,
    }))
    .where('id', '=', id)
    .execute();
}

export async function markDone(
  db: Db | Tx,
  id: number,
  { postedTs, trouble }: { postedTs: string | null; trouble: string | null },
  now: number,
): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ state: 'done', posted_ts: postedTs, trouble, ended_at: now })
    .where('id', '=', id)
    .execute();
}

/** @param reached whether a try may have reached Slack: then it is looked for before the next */
export async function markRetry(
  db: Db,
  id: number,
  { at, reached, trouble }: { at: number; reached: boolean; trouble: string },
): Promise<void> {
  await db
    .updateTable('outbox')
    .set((eb) => ({
      state: reached ? 'sending' : 'waiting',
      sending_since: reached ? eb.ref('sending_since') : null,
      attempts: eb('attempts', '+', 1),
      next_at: at,
      trouble,
    }))
    .where('id', '=', id)
    .execute();
}

/** Waits without having failed: Slack's limits are no fault of the effect's. */
export async function markWaiting(db: Db, id: number, at: number): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ state: 'waiting', sending_since: null, next_at: at })
    .where('id', '=', id)
    .execute();
}

/** Nothing of a lane is tried before `until`: what stands in the way of one is in the way of all. */
export async function holdLane(db: Db, lane: string, until: number): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ next_at: until })
    .where('lane', '=', lane)
    .where('ended_at', 'is', null)
    .where('next_at', '<', until)
    .execute();
}

/** An effect that can never happen, and with it those that go under its post. */
export async function markDead(tx: Tx, key: string, trouble: string, now: number): Promise<void> {
  await tx
    .updateTable('outbox')
    .set({ state: 'dead', trouble, ended_at: now })
    .where((eb) => eb.or([eb('key', '=', key), eb('parent', '=', key)]))
    .where('ended_at', 'is', null)
    .execute();
}

/** Why the effects of a channel died, the most frequent reason first. */
export function countDeadEffects(db: Db, channel: string, since: number) {
  return db
    .selectFrom('outbox')
    .select((eb) => ['trouble', eb.fn.countAll<number>().as('effects')])
    .where('channel', '=', channel)
    .where('state', '=', 'dead')
    .where('ended_at', '>=', since)
    .groupBy('trouble')
    .orderBy('effects', 'desc')
    .execute();
}

/**
 * How many effects of a channel are on their way, and what the last try of some has run into.
 * @param upTo counting stops one above it: of a hundred thousand the exact number helps nobody
 */
export async function countOpenEffects(
  db: Db,
  channel: string,
  upTo: number,
): Promise<{ effects: number; troubles: string[] }> {
  const rows = await db
    .selectFrom((eb) =>
      eb
        .selectFrom('outbox')
        .select('trouble')
        .where('channel', '=', channel)
        .where('ended_at', 'is', null)
        .limit(upTo + 1)
        .as('open'),
    )
    .select((eb) => ['trouble', eb.fn.countAll<number>().as('effects')])
    .groupBy('trouble')
    .orderBy('effects', 'desc')
    .execute();
  return {
    effects: rows.reduce((sum, { effects }) => sum + effects, 0),
    troubles: rows.flatMap(({ trouble }) => trouble ?? []),
  };
}
