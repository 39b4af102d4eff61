import { type SelectQueryBuilder, sql } from 'kysely';
import { msToTs } from '../../core/timestamps.ts';
import { lesser } from '../db/engine.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';

export interface PendingSize {
  messages: number;
  /** Of all texts and threads together, as far as Claude is shown them. */
  characters: number;
}

/** How much Claude is shown: characters of a message and of a reply, and the newest replies of a thread. */
export interface ShownLengths {
  message: number;
  reply: number;
  replies: number;
}

/** Messages to count at once. */
const PAGE = 2_000;

/**
 * Counts messages, in pages: counting a hundred thousand at once would stop everything else.
 * @param messages some of one channel
 * @param pause is awaited after each page, so that others have their turn
 */
export async function countInPages(
  db: Db | Tx,
  messages: SelectQueryBuilder<Tables, 'messages', object>,
  pause: () => Promise<void>,
): Promise<number> {
  let total = 0;
  let after = '';
  for (;;) {
    const { count, last } = await db
      .selectFrom(
        messages
          .select('messages.ts')
          .where('messages.ts', '>', after)
          .orderBy('messages.ts')
          .limit(PAGE)
          .as('page'),
      )
      .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.max('page.ts').as('last')])
      .executeTakeFirstOrThrow();
    total += count;
    if (count < PAGE || last === null) return total;
    after = last;
    await pause();
  }
}

/**
 * What a run would judge now: pending messages and those to judge again; see `measure`.
 * @param pause is awaited between pages of messages
 */
export async function measurePending(
  db: Db | Tx,
  channel: string,
  shown: ShownLengths,
  pause: () => Promise<void>,
): Promise<PendingSize> {
  const messages = db
    .selectFrom('messages')
    .where('messages.channel', '=', channel)
    .where('messages.deleted_at', 'is', null);
  const pending = await measure(db, messages.where('messages.state', '=', 'pending'), shown, pause);
  const again = await measure(
    db,
    messages.where('messages.again', '=', 1).where('messages.state', '=', 'judged'),
    shown,
    pause,
  );
  return {
    messages: pending.messages + again.messages,
    characters: pending.characters + again.characters,
  };
}

/** About how much was posted in a channel since a moment: the length is estimated from the newest. */
export async function measureSince(
  db: Db,
  channel: string,
  since: number,
  { message }: ShownLengths,
): Promise<PendingSize> {
  const posted = db
    .selectFrom('messages')
    .where('channel', '=', channel)
    .where('ts', '>=', msToTs(since));
  const { messages } = await posted
    .select((eb) => eb.fn.countAll<number>().as('messages'))
    .executeTakeFirstOrThrow();
  const { average } = await db
    .selectFrom(posted.select('messages.text').orderBy('ts', 'desc').limit(SAMPLE).as('newest'))
    .select((eb) =>
      eb.fn.coalesce(eb.fn.avg<number>(lengthOf('newest.text', message)), eb.lit(0)).as('average'),
    )
    .executeTakeFirstOrThrow();
  return { messages, characters: Math.ceil(messages * Number(average)) };
}

/**
 * What the batches of a run have not answered.
 * @param pause is awaited between batches
 */
export async function measureUnanswered(
  db: Db | Tx,
  run: { id: number; channel: string },
  shown: ShownLengths,
  pause: () => Promise<void>,
): Promise<PendingSize> {
  const batches = await db
    .selectFrom('batches')
    .select('id')
    .where('run', '=', run.id)
    .orderBy('id', 'desc')
    .execute();
  let messages = 0;
  const newest: string[] = [];
  // Batch by batch: joined with the messages, PostgreSQL may read all requests once for each message.
  for (const { id } of batches) {
    const unanswered = await db
      .selectFrom('requests')
      .select('ts')
      .where('batch', '=', id)
      .where('outcome', 'is', null)
      .execute();
    messages += unanswered.length;
    newest.push(...unanswered.slice(0, SAMPLE - newest.length).map(({ ts }) => ts));
    await pause();
  }
  if (messages === 0) return { messages: 0, characters: 0 };
  return measureSample(db, selectMessages(db, run.channel, newest), messages, shown);
}

/** The same for some messages of a channel. */
export function measureMessages(
  db: Db | Tx,
  channel: string,
  ts: string[],
  shown: ShownLengths,
  pause: () => Promise<void>,
): Promise<PendingSize> {
  return measure(db, selectMessages(db, channel, ts), shown, pause);
}

const selectMessages = (db: Db | Tx, channel: string, ts: string[]) =>
  db.selectFrom('messages').where('messages.channel', '=', channel).where('messages.ts', 'in', ts);

/** Messages whose lengths stand for those of all. */
const SAMPLE = 1_000;

/** Counts messages, and adds up what Claude is shown of them: of the newest thousand, which stand for the others. */
async function measure(
  db: Db | Tx,
  pending: SelectQueryBuilder<Tables, 'messages', object>,
  shown: ShownLengths,
  pause: () => Promise<void>,
): Promise<PendingSize> {
  const messages = await countInPages(db, pending, pause);
  const oldest = await pending
    .select('messages.ts')
    .orderBy('messages.ts', 'desc')
    .limit(1)
    .offset(SAMPLE - 1)
    .executeTakeFirst();
  const newest = oldest ? pending.where('messages.ts', '>=', oldest.ts) : pending;
  return measureSample(db, newest, messages, shown);
}

/** @param newest up to a thousand messages, which stand for all of them */
async function measureSample(
  db: Db | Tx,
  newest: SelectQueryBuilder<Tables, 'messages', object>,
  messages: number,
  shown: ShownLengths,
): Promise<PendingSize> {
  const { texts } = await newest
    .select((eb) =>
      eb.fn
        .coalesce(eb.fn.sum<number>(lengthOf('messages.text', shown.message)), eb.lit(0))
        .as('texts'),
    )
    .executeTakeFirstOrThrow();
  const replies = newest
    // Crossed, so that SQLite begins with the messages and not with all replies of the channel.
    .crossJoin('replies')
    .whereRef('replies.channel', '=', 'messages.channel')
    .whereRef('replies.thread_ts', '=', 'messages.ts')
    .where('replies.deleted_at', 'is', null)
    .select((eb) => [
      lengthOf('replies.text', shown.reply).as('characters'),
      eb.fn
        .agg<number>('row_number')
        .over((over) => over.partitionBy('replies.thread_ts').orderBy('replies.ts', 'desc'))
        .as('nth'),
    ]);
  const { threads } = await db
    .selectFrom(replies.as('newest'))
    .where('nth', '<=', shown.replies)
    .select((eb) => eb.fn.coalesce(eb.fn.sum<number>('newest.characters'), eb.lit(0)).as('threads'))
    .executeTakeFirstOrThrow();
  const share = Math.max(1, messages / SAMPLE);
  return { messages, characters: Math.ceil((texts + threads) * share) };
}

const lengthOf = (column: string, most: number) =>
  lesser(sql<number>`length(${sql.ref(column)})`, most);

/** Whether a run would have anything to judge. */
export async function hasPending(db: Db | Tx, channel: string): Promise<boolean> {
  const some = db
    .selectFrom('messages')
    .select('ts')
    .where('channel', '=', channel)
    .where('deleted_at', 'is', null)
    .where('forgotten', 'is', null)
    .limit(1);
  const row =
    (await some.where('state', '=', 'pending').executeTakeFirst()) ??
    (await some.where('state', '=', 'judged').where('again', '=', sql.lit(1)).executeTakeFirst());
  return row !== undefined;
}
