import type { SelectQueryBuilder } from 'kysely';
import type { Db, Tables, Tx } from '../db/tables.ts';

export interface PendingSize {
  messages: number;
  /** Of all texts and threads together, for the price; rather too high than too low. */
  characters: number;
}

/** What a run would judge now: pending messages and those to judge again. */
export async function measurePending(db: Db | Tx, channel: string): Promise<PendingSize> {
  const messages = db
    .selectFrom('messages')
    .where('messages.channel', '=', channel)
    .where('messages.deleted_at', 'is', null);
  const pending = await measure(messages.where('messages.state', '=', 'pending'));
  const again = await measure(
    messages.where('messages.again', '=', 1).where('messages.state', '=', 'judged'),
  );
  return {
    messages: pending.messages + again.messages,
    characters: pending.characters + again.characters,
  };
}

async function measure(
  pending: SelectQueryBuilder<Tables, 'messages', object>,
): Promise<PendingSize> {
  const { messages, characters } = await pending
    .select((eb) => [
      eb.fn.countAll<number>().as('messages'),
      eb.fn
        .coalesce(eb.fn.sum<number>(eb.fn('length', ['messages.text'])), eb.lit(0))
        .as('characters'),
    ])
    .executeTakeFirstOrThrow();
  const threads = await pending
    .innerJoin('replies', (join) =>
      join
        .onRef('replies.channel', '=', 'messages.channel')
        .onRef('replies.thread_ts', '=', 'messages.ts'),
    )
    .select((eb) =>
      eb.fn
        .coalesce(eb.fn.sum<number>(eb.fn('length', ['replies.text'])), eb.lit(0))
        .as('characters'),
    )
    .executeTakeFirstOrThrow();
  return { messages, characters: characters + threads.characters };
}
