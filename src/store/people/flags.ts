import { type Selectable, type SqlBool, sql } from 'kysely';
import { isOpen } from '../../core/people/acts.ts';
import type { Changes } from '../../core/people/decide.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';

/** Messages that need attention, from open to resolved or dismissed. */

export type Flag = Selectable<Tables['flags']>;

/**
 * Whether a flag needs attention, as `isOpen` in core/people/acts.ts says. SQLite uses the index of
 * these flags only where it sees the literals and a bound on the time: else it reads all flags, or all
 * messages, of a channel.
 */
export const IS_OPEN = sql<SqlBool>`flags.state in ('open', 'claimed') and flags.opened_at > 0`;

/** Upserts flags: somebody has just touched them. */
export async function upsertFlags(
  tx: Tx,
  channel: string,
  flags: (NonNullable<Changes['flag']> & { ts: string })[],
  now: number,
): Promise<void> {
  if (flags.length === 0) return;
  await tx
    .insertInto('flags')
    .values(
      flags.map(({ changedAt, why, ...flag }) => ({
        channel,
        ...flag,
        reason: why?.reason ?? null,
        duplicate_of: why?.duplicateOf ?? null,
        opened_at: now,
        changed_at: changedAt,
        touched_at: now,
        reminded_at: null,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['channel', 'ts']).doUpdateSet((eb) => ({
        state: eb.ref('excluded.state'),
        by: eb.ref('excluded.by'),
        reason: eb.ref('excluded.reason'),
        duplicate_of: eb.ref('excluded.duplicate_of'),
        changed_at: eb.ref('excluded.changed_at'),
        touched_at: now,
      })),
    )
    .execute();
}

/** Whether a message has a flag that is open or claimed. */
export async function isFlagOpen(
  tx: Tx,
  { channel, ts }: Pick<Flag, 'channel' | 'ts'>,
): Promise<boolean> {
  const flag = await tx
    .selectFrom('flags')
    .select('state')
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .executeTakeFirst();
  return flag !== undefined && isOpen(flag.state);
}

export async function updateFlag(
  tx: Tx,
  { channel, ts }: Pick<Flag, 'channel' | 'ts'>,
  change: Pick<Flag, 'reminded_at'>,
): Promise<void> {
  await tx
    .updateTable('flags')
    .set(change)
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .execute();
}

/** Claimed flags whose claimers Slack has not said to be in the channel since a moment (ms). */
export function listUncertainClaims(
  db: Db,
  since: number,
): Promise<{ channel: string; ts: string; by: string }[]> {
  return db
    .selectFrom('flags')
    .innerJoin('channels', 'channels.id', 'flags.channel')
    .leftJoin('members', (join) =>
      join
        .onRef('members.channel', '=', 'flags.channel')
        .onRef('members.user', '=', 'flags.by')
        .on('members.seen_at', '>=', since),
    )
    .select(['flags.channel', 'flags.ts', 'flags.by'])
    .where('channels.state', '=', 'member')
    .where('flags.state', '=', 'claimed')
    .where('flags.by', 'is not', null)
    .where('members.user', 'is', null)
    .$narrowType<{ by: string }>()
    .execute();
}

/** Open flags that nobody has touched since `before` and that had no reminder. */
export function listFlagsToRemind(db: Db, before: number, limit: number): Promise<Flag[]> {
  return db
    .selectFrom('flags')
    .innerJoin('channels', 'channels.id', 'flags.channel')
    .selectAll('flags')
    .where('channels.state', '=', 'member')
    .where(IS_OPEN)
    .where('flags.reminded_at', 'is', null)
    .where('flags.touched_at', '<=', before)
    .orderBy('flags.touched_at')
    .limit(limit)
    .execute();
}

/** When the flag that waits longest for a reminder was last touched. */
export async function findOldestUnreminded(db: Db): Promise<number | null> {
  const { oldest } = await db
    .selectFrom('flags')
    .innerJoin('channels', 'channels.id', 'flags.channel')
    .select((eb) => eb.fn.min('flags.touched_at').as('oldest'))
    .where('channels.state', '=', 'member')
    .where(IS_OPEN)
    .where('flags.reminded_at', 'is', null)
    .executeTakeFirstOrThrow();
  return oldest;
}

/** Posts that show a message as a card: one in each digest that published it. */
export async function recordCards(
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

/** The ts of the message that a card shows at present. @param key its outbox key */
export async function findCardMessage(
  tx: Db | Tx,
  channel: string,
  key: string,
): Promise<string | undefined> {
  const row = await tx
    .selectFrom('cards')
    .select('ts')
    .where('channel', '=', channel)
    .where('key', '=', key)
    .executeTakeFirst();
  return row?.ts;
}

/** The outbox keys of the cards of each message. */
export async function readCardKeys(
  tx: Tx,
  channel: string,
  ts: string[],
): Promise<Map<string, string[]>> {
  if (ts.length === 0) return new Map();
  const rows = await tx
    .selectFrom('cards')
    .select(['ts', 'key'])
    .where('channel', '=', channel)
    .where('ts', 'in', ts)
    .execute();
  const cards = Map.groupBy(rows, (row) => row.ts);
  return new Map([...cards].map(([one, posts]) => [one, posts.map(({ key }) => key)]));
}
