import { sql } from 'kysely';
import { cardKey } from '../../core/delivery/effects.ts';
import type { Db, Tx } from '../db/tables.ts';
import { MOST_PRESSING } from '../people/open-flags.ts';
import type { Run } from '../runs/runs.ts';

/** The cards in the thread of a digest: the most pressing messages have one. */

/**
 * The messages of a digest that are to get a card now, so that its thread has `most` of them: the most
 * pressing ones first. Those that somebody has resolved or dismissed come last.
 */
export async function listToCard(
  db: Db | Tx,
  { id, channel }: Pick<Run, 'id' | 'channel'>,
  most: number,
): Promise<string[]> {
  const room = most - (await countCards(db, id, channel));
  if (room <= 0) return [];
  const rows = await withoutCard(db, id, channel)
    .leftJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .where('flags.state', '!=', 'withdrawn')
    .select('flags.ts')
    .orderBy(sql`flags.state in ('resolved', 'dismissed')`)
    .orderBy(MOST_PRESSING)
    .orderBy('flags.opened_at')
    .orderBy('flags.ts')
    .limit(room)
    .execute();
  return rows.map(({ ts }) => ts);
}

/** How many messages of a digest that need attention have no card, once its thread has `most` of them. */
export async function countBeyondCards(
  db: Db | Tx,
  { id, channel }: Pick<Run, 'id' | 'channel'>,
  most: number,
): Promise<number> {
  const { open } = await withoutCard(db, id, channel)
    .where('flags.state', 'in', ['open', 'claimed'])
    .select((eb) => eb.fn.countAll<number>().as('open'))
    .executeTakeFirstOrThrow();
  return Math.max(0, open - Math.max(0, most - (await countCards(db, id, channel))));
}

async function countCards(db: Db | Tx, run: number, channel: string): Promise<number> {
  const { cards } = await db
    .selectFrom('cards')
    .where('channel', '=', channel)
    .where('key', 'like', `${cardKey(run, '')}%`)
    .select((eb) => eb.fn.countAll<number>().as('cards'))
    .executeTakeFirstOrThrow();
  return cards;
}

const withoutCard = (db: Db | Tx, run: number, channel: string) =>
  db
    .selectFrom('flags')
    .innerJoin('messages', (join) =>
      join.onRef('messages.channel', '=', 'flags.channel').onRef('messages.ts', '=', 'flags.ts'),
    )
    .leftJoin('cards', (join) =>
      join
        .onRef('cards.channel', '=', 'flags.channel')
        .onRef('cards.ts', '=', 'flags.ts')
        // The key has the ts that the card was posted for: a copy may have taken its place since.
        .on('cards.key', 'like', `${cardKey(run, '')}%`),
    )
    .where('messages.channel', '=', channel)
    .where('messages.digest', '=', run)
    .where('messages.deleted_at', 'is', null)
    .where('messages.state', 'in', ['judged', 'dead'])
    .where('cards.key', 'is', null);
