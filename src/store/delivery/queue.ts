import type { Selectable } from 'kysely';
import { type Effect, isAnswerLane } from '../../core/delivery/effects.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';
import { holdsBack } from './holds.ts';

/** What each lane delivers next, and the outcome of each try. */

export interface StoredEffect {
  id: number;
  key: string;
  lane: string;
  channel: string;
  effect: Effect;
  state: Selectable<Tables['outbox']>['state'];
  attempts: number;
  nextAt: number;
  /** When the first try that may have reached Slack began, in ms. */
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
 * The next effects of a lane: the most important due ones whose parent post, if any, is delivered,
 * whose channel the bot is in (the others continue when it is invited again; answers go wherever the
 * bot was asked) and which nothing holds back. Only the oldest of these on each message, so that they can be delivered in parallel.
 * @returns when none is due: the time of the next one, or null if none has a time
 */
export async function nextEffects(
  db: Db,
  lane: string,
  now: number,
  limit: number,
): Promise<{ due: StoredEffect[] } | { due: null; dueAt: number | null }> {
  const open = db
    .selectFrom('outbox')
    .leftJoin('channels', 'channels.id', 'outbox.channel')
    .leftJoin('outbox as above', 'above.key', 'outbox.parent')
    .where('outbox.lane', '=', lane)
    .$if(!isAnswerLane(lane), (effects) => effects.where('channels.state', '=', 'member'))
    .where('outbox.ended_at', 'is', null)
    .where((eb) => eb.not(holdsBack('outbox')))
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
            .where('earlier.ended_at', 'is', null)
            .where((inner) => inner.not(holdsBack('earlier'))),
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
 * Committed before a try whose loss could not be noticed afterwards.
 * @param nextAt if the process dies during the try, the post is looked for no earlier than this
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

/**
 * @param reached whether a try may have reached Slack: if so, it is looked for before the next try
 */
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

/** Waits without counting a failure: a rate limit is not the effect's fault. */
export async function markWaiting(db: Db, id: number, at: number): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ state: 'waiting', sending_since: null, next_at: at })
    .where('id', '=', id)
    .execute();
}

/** Slack does not allow it: it waits until the hold that was made for it ends. */
export async function markHeld(tx: Tx, id: number, trouble: string): Promise<void> {
  await tx
    .updateTable('outbox')
    .set((eb) => ({
      state: 'waiting',
      sending_since: null,
      attempts: eb('attempts', '+', 1),
      trouble,
    }))
    .where('id', '=', id)
    .execute();
}

/** Holds a lane back until `until`: what blocks one of its effects blocks all. */
export async function holdLane(db: Db, lane: string, until: number): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ next_at: until })
    .where('lane', '=', lane)
    .where('ended_at', 'is', null)
    .where('next_at', '<', until)
    .execute();
}

/** Marks an effect as dead, and with it the replies to its post. */
export async function markDead(tx: Tx, key: string, trouble: string, now: number): Promise<void> {
  await tx
    .updateTable('outbox')
    .set({ state: 'dead', trouble, ended_at: now })
    .where((eb) => eb.or([eb('key', '=', key), eb('parent', '=', key)]))
    .where('ended_at', 'is', null)
    .execute();
}
