import type { Selectable } from 'kysely';
import type { Effect } from '../../core/delivery/effects.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';

/** What is to be delivered next in each lane, and what became of a try. */

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
