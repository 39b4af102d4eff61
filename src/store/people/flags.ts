import type { Selectable } from 'kysely';
import type { Db, Tables, Tx } from '../db/tables.ts';

/** Messages that need a person, from open to resolved or dismissed. */

export type Flag = Selectable<Tables['flags']>;

export function findFlag(db: Db | Tx, channel: string, ts: string): Promise<Flag | undefined> {
  return db
    .selectFrom('flags')
    .selectAll()
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .executeTakeFirst();
}

/** Opens flags on messages that have none. */
export async function openFlags(tx: Tx, channel: string, ts: string[], now: number): Promise<void> {
  if (ts.length === 0) return;
  await tx
    .insertInto('flags')
    .values(
      ts.map((one) => ({
        channel,
        ts: one,
        state: 'open' as const,
        by: null,
        opened_at: now,
        changed_at: now,
        touched_at: now,
        reminded_at: null,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function updateFlag(
  tx: Tx,
  { channel, ts }: Pick<Flag, 'channel' | 'ts'>,
  change: Partial<Pick<Flag, 'state' | 'by' | 'changed_at' | 'touched_at' | 'reminded_at'>>,
): Promise<void> {
  await tx
    .updateTable('flags')
    .set(change)
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .execute();
}

/** Open flags that nobody has touched since `before` nor was reminded of. */
export function listFlagsToRemind(db: Db, before: number, limit: number): Promise<Flag[]> {
  return db
    .selectFrom('flags')
    .innerJoin('channels', 'channels.id', 'flags.channel')
    .selectAll('flags')
    .where('channels.state', '=', 'member')
    .where('flags.state', 'in', ['open', 'claimed'])
    .where('flags.reminded_at', 'is', null)
    .where('flags.touched_at', '<=', before)
    .orderBy('flags.touched_at')
    .limit(limit)
    .execute();
}

/** When the flag was touched that waits for a reminder longest. */
export async function findOldestUnreminded(db: Db): Promise<number | null> {
  const { oldest } = await db
    .selectFrom('flags')
    .innerJoin('channels', 'channels.id', 'flags.channel')
    .select((eb) => eb.fn.min('flags.touched_at').as('oldest'))
    .where('channels.state', '=', 'member')
    .where('flags.state', 'in', ['open', 'claimed'])
    .where('flags.reminded_at', 'is', null)
    .executeTakeFirstOrThrow();
  return oldest;
}

/** Posts that show a message as a card: one in each digest that told of it. */
export async function keepCards(
  tx: Tx,
  channel: string,
  cards: { ts: string; key: string }[],
): Promise<void> {
  if (cards.length === 0) return;
  await tx
    .insertInto('cards')
    .values(cards.map((card) => ({ channel, ...card })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** @returns their outbox keys */
export async function listCards(tx: Tx, channel: string, ts: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('cards')
    .select('key')
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .execute();
  return rows.map(({ key }) => key);
}
