import { cardKey } from '../../core/delivery/effects.ts';
import type { Db, Tx } from '../db/tables.ts';
import { IS_OPEN } from '../people/flags.ts';
import { orderFlagged, selectFlagged } from '../people/pressing.ts';
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
  now: number,
): Promise<string[]> {
  const room = most - (await countCards(db, id, channel));
  if (room <= 0) return [];
  const flagged = withoutCard(db, id, channel).where('flags.state', '!=', 'withdrawn');
  const ordered = await orderFlagged(db, flagged, now);
  return ordered.slice(0, room).map(({ ts }) => ts);
}

/** How many messages of a digest that need attention have no card, once its thread has `most` of them. */
export async function countBeyondCards(
  db: Db | Tx,
  { id, channel }: Pick<Run, 'id' | 'channel'>,
  most: number,
): Promise<number> {
  const { open } = await withoutCard(db, id, channel)
    .where(IS_OPEN)
    .select((eb) => eb.fn.countAll<number>().as('open'))
    .executeTakeFirstOrThrow();
  return Math.max(0, open - Math.max(0, most - (await countCards(db, id, channel))));
}

async function countCards(db: Db | Tx, run: number, channel: string): Promise<number> {
  const { cards } = await db
    .selectFrom('cards')
    .where('channel', '=', channel)
    .where('key', '>', cardKey(run, ''))
    .where('key', '<', cardKey(run, '~'))
    .select((eb) => eb.fn.countAll<number>().as('cards'))
    .executeTakeFirstOrThrow();
  return cards;
}

const withoutCard = (db: Db | Tx, run: number, channel: string) =>
  selectFlagged(db)
    .where('messages.channel', '=', channel)
    .where('messages.digest', '=', run)
    .where('messages.deleted_at', 'is', null)
    .where('messages.state', 'in', ['judged', 'dead'])
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('cards')
            .select('cards.key')
            .whereRef('cards.channel', '=', 'flags.channel')
            .whereRef('cards.ts', '=', 'flags.ts')
            // The key has the ts that the card was posted for: a copy may have taken its place since.
            .where('cards.key', 'like', `${cardKey(run, '')}%`),
        ),
      ),
    );
