import { type ExpressionBuilder, type Selectable, type SqlBool, sql } from 'kysely';
import type { Db, Tables, Tx } from '../db/tables.ts';

/**
 * Holds: what Slack does not allow until a person changes something. The effects that need it wait,
 * without a try of their own. From time to time a few of them are tried; once one works, the hold is
 * over.
 */

export type Hold = Selectable<Tables['holds']>;

/** What is held: something in a channel, or an emoji. */
export type Held = Pick<Hold, 'needs' | 'channel' | 'emoji'>;

export const heldEmoji = (emoji: string): Held => ({ needs: 'emoji', channel: '', emoji });

/** Whether a hold keeps an effect from being tried now. @param effect the name of its table */
export const holdsBack = (effect: 'outbox' | 'earlier') => sql<SqlBool>`exists (
  select * from holds
  where holds.try_at is not null
    and ((holds.needs = ${sql.ref(`${effect}.needs`)}
        and holds.channel = ${sql.ref(`${effect}.channel`)})
      or holds.emoji = ${sql.ref(`${effect}.emoji`)})
)`;

const isSame = (held: Held) => (eb: ExpressionBuilder<Tables, 'holds'>) =>
  eb.and([
    eb('needs', '=', held.needs),
    eb('channel', '=', held.channel),
    eb('emoji', '=', held.emoji),
  ]);

export function findHold(db: Db | Tx, held: Held): Promise<Hold | undefined> {
  return db.selectFrom('holds').selectAll().where(isSame(held)).executeTakeFirst();
}

/** Why the bot cannot post in a channel; undefined if it can, or if no post waits there. */
export async function findPostingHold(tx: Tx, channel: string): Promise<Hold | undefined> {
  const hold = await findHold(tx, { needs: 'post', channel, emoji: '' });
  return hold && (await listWaitingChannels(tx, hold)).length > 0 ? hold : undefined;
}

/** All holds of some channels, and all emoji that are held. */
export function listHolds(db: Db | Tx, channels: string[]): Promise<Hold[]> {
  return db
    .selectFrom('holds')
    .selectAll()
    .where('channel', 'in', [...channels, ''])
    .orderBy('since')
    .orderBy('emoji')
    .execute();
}

/** The emoji that the workspace does not have, by name. */
export async function listGoneEmoji(db: Db | Tx): Promise<string[]> {
  const holds = await listHolds(db, []);
  return holds.map(({ emoji }) => emoji);
}

/** Begins a hold, or makes it last longer. @param tryAt null: it may be tried at once */
export async function setHold(
  tx: Tx,
  held: Held,
  { reason, tryAt, now }: { reason: string; tryAt: number | null; now: number },
): Promise<void> {
  await tx
    .insertInto('holds')
    .values({ ...held, reason, since: now, tries: 0, try_at: tryAt })
    .onConflict((conflict) =>
      conflict
        .columns(['needs', 'channel', 'emoji'])
        .doUpdateSet((eb) => ({ reason, try_at: tryAt, tries: eb('holds.tries', '+', 1) })),
    )
    .execute();
}

/** Lets what a hold keeps back be tried again. */
export async function letTry(db: Db | Tx, held: Held): Promise<void> {
  await db.updateTable('holds').set({ try_at: null }).where(isSame(held)).execute();
}

/** Lets everything in a channel be tried again. */
export async function letTryChannel(tx: Tx, channel: string): Promise<void> {
  await tx.updateTable('holds').set({ try_at: null }).where('channel', '=', channel).execute();
}

/** Ends the wait for an emoji that is not wanted any more. */
export async function giveUpEmoji(
  tx: Tx,
  emoji: string,
  reason: string,
  now: number,
): Promise<void> {
  await tx
    .updateTable('outbox')
    .set({ state: 'done', trouble: reason, ended_at: now })
    .where('emoji', '=', emoji)
    .where('ended_at', 'is', null)
    .execute();
  await endHold(tx, heldEmoji(emoji));
}

/** Lets what is due be tried again. @returns when the next hold is due; null for none */
export async function letTryDue(db: Db, now: number): Promise<number | null> {
  await db.updateTable('holds').set({ try_at: null }).where('try_at', '<=', now).execute();
  const { next } = await db
    .selectFrom('holds')
    .select((eb) => eb.fn.min('try_at').as('next'))
    .executeTakeFirstOrThrow();
  return next;
}

/** Ends a hold. @returns whether there was one */
export async function endHold(tx: Tx | Db, held: Held): Promise<boolean> {
  const { numDeletedRows } = await tx.deleteFrom('holds').where(isSame(held)).executeTakeFirst();
  return numDeletedRows > 0n;
}

/** The channels in which effects wait for this to be allowed. */
export async function listWaitingChannels(db: Db | Tx, held: Held): Promise<string[]> {
  const rows = await db
    .selectFrom('outbox')
    .select('channel')
    .distinct()
    .where('ended_at', 'is', null)
    .where((eb) =>
      held.needs === 'emoji'
        ? eb('emoji', '=', held.emoji)
        : eb.and([eb('needs', '=', held.needs), eb('channel', '=', held.channel)]),
    )
    .execute();
  return rows.map(({ channel }) => channel);
}
