import type { Selectable } from 'kysely';
import type { Db, Tables, Tx } from '../db/tables.ts';

/** People's reactions as Slack has told of them last, and the acts that they asked for. */

export type StoredReaction = Selectable<Tables['reactions']>;

export interface ReactionChange {
  channel: string;
  /** The message or post that it is on. */
  itemTs: string;
  user: string;
  name: string;
  present: boolean;
  /** Of the event: what is told late of an earlier state changes nothing. */
  changedTs: string;
}

/** @returns the reaction as it is now, or undefined when nothing has changed */
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
  // Put again after it was taken back, of which nothing was heard: what it asked for stands.
  return known?.present === fields.present ? undefined : stored;
}

/** A reaction as history shows it: no event has told when it came to that. */
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

/** @param act that a reaction has asked for; null when it was taken back */
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

/** The reactions on a message or post, those that were taken back as well. */
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
