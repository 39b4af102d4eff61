import type { Selectable } from 'kysely';
import type { Db, Tables, Tx } from '../db/tables.ts';

/** People's reactions as Slack last reported them, and the acts that they asked for. */

export type StoredReaction = Selectable<Tables['reactions']>;

export interface ReactionChange {
  channel: string;
  /** The message or post with the reaction. */
  itemTs: string;
  user: string;
  name: string;
  present: boolean;
  /** The time of the event. A late report of an earlier state changes nothing. */
  changedTs: string;
}

/** @returns the reaction as it is now; undefined when nothing changed */
export async function upsertReaction(
  tx: Tx,
  { channel, itemTs, user, name, present, changedTs }: ReactionChange,
  now: number,
): Promise<StoredReaction | undefined> {
  const known = await tx
    .selectFrom('reactions')
    .select(['present', 'changed_ts'])
    .where('channel', '=', channel)
    .where('item_ts', '=', itemTs)
    .where('user', '=', user)
    .where('name', '=', name)
    .executeTakeFirst();
  if (known && known.changed_ts >= changedTs) return undefined;
  const fields = { present: present ? 1 : 0, changed_ts: changedTs, heard_at: now };
  const stored = await tx
    .insertInto('reactions')
    .values({ channel, item_ts: itemTs, user, name, ...fields, act: null })
    .onConflict((conflict) =>
      conflict.columns(['channel', 'item_ts', 'user', 'name']).doUpdateSet(fields),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
  // It was removed and added again, and no event reported that: what it asked for stays.
  return known?.present === fields.present ? undefined : stored;
}

/** A reaction from history: no event says when it was added. */
export async function setReaction(
  tx: Tx,
  { channel, itemTs, user, name, present }: Omit<ReactionChange, 'changedTs'>,
  now: number,
): Promise<StoredReaction> {
  const fields = { present: present ? 1 : 0, heard_at: now };
  return tx
    .insertInto('reactions')
    .values({ channel, item_ts: itemTs, user, name, ...fields, changed_ts: '', act: null })
    .onConflict((conflict) =>
      conflict.columns(['channel', 'item_ts', 'user', 'name']).doUpdateSet(fields),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** @param act what the reaction asked for; null when it was removed */
export async function setReactionAct(
  tx: Tx,
  { channel, item_ts, user, name }: StoredReaction,
  act: number | null,
): Promise<void> {
  await tx
    .updateTable('reactions')
    .set({ act })
    .where('channel', '=', channel)
    .where('item_ts', '=', item_ts)
    .where('user', '=', user)
    .where('name', '=', name)
    .execute();
}

/** The reactions on a message or post, including removed ones. */
export function listReactions(
  db: Db | Tx,
  channel: string,
  itemTs: string,
): Promise<StoredReaction[]> {
  return db
    .selectFrom('reactions')
    .selectAll()
    .where('channel', '=', channel)
    .where('item_ts', '=', itemTs)
    .execute();
}
