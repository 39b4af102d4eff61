import type { IncomingMessage } from '../../core/intake/message.ts';
import type { Range } from '../../core/intake/ranges.ts';
import { isWordless } from '../../core/intake/wordless.ts';
import { laterTs } from '../../core/timestamps.ts';
import type { Db, Tx } from '../db/tables.ts';
import { findForgettingOf } from '../privacy/forgettings.ts';
import { judgeWordlessAgain, type Kept, readMessage, upsertMessage } from './messages.ts';
import { mayReturn } from './revival.ts';
import { ensureUsers } from './users.ts';

/**
 * Upserts a reply in a thread. It is context of its message, and feedback only if a person adds it.
 * @param seenAt when Slack is known to have had it, as for a message
 * @returns what became of the message that a person made of it, if one did
 */
export async function upsertReply(
  tx: Tx,
  reply: IncomingMessage & { threadTs: string },
  now: number,
  seenAt?: number,
): Promise<Kept | undefined> {
  const known = await tx
    .selectFrom('replies')
    .select(['text', 'deleted_at', 'forgotten'])
    .where('channel', '=', reply.channel)
    .where('ts', '=', reply.ts)
    .executeTakeFirst();
  const forgotten = await findForgotten(tx, reply, known, seenAt);
  const added = await readMessage(tx, reply.channel, reply.ts);
  // Where only the deletion of the reply was known, nothing says that it is in a thread.
  const kept =
    added && (!added.deleted || added.threadTs !== null)
      ? await upsertMessage(tx, reply, now, { added: true, seenAt })
      : undefined;
  await tx
    .insertInto('replies')
    .values((eb) => ({
      channel: reply.channel,
      ts: reply.ts,
      thread_ts: reply.threadTs,
      author: reply.author,
      author_name: forgotten === null ? reply.authorName : null,
      text: forgotten === null ? reply.text : '',
      edited_ts: reply.editedTs,
      // A deletion that came first could not tell that it was a reply.
      deleted_at: eb
        .selectFrom('messages')
        .select('messages.deleted_at')
        .where('messages.channel', '=', reply.channel)
        .where('messages.ts', '=', reply.ts),
      forgotten,
    }))
    .onConflict((conflict) =>
      conflict
        .columns(['channel', 'ts'])
        .doUpdateSet({
          text: forgotten === null ? reply.text : '',
          edited_ts: reply.editedTs,
          forgotten,
        })
        .where((eb) => {
          const before = eb.fn.coalesce('replies.edited_ts', eb.val(''));
          // The event of a new reply says how it was posted: a transcript may have come since.
          return eb(before, seenAt === undefined ? '<' : '<=', reply.editedTs ?? '');
        }),
    )
    .execute();
  if (seenAt !== undefined) {
    await tx
      .updateTable('replies')
      .set({ deleted_at: null })
      .where('channel', '=', reply.channel)
      .where('ts', '=', reply.ts)
      .where('deleted_at', '<=', seenAt)
      .execute();
  }
  if (forgotten !== null) return kept;
  await ensureUsers(tx, reply);
  // A picture without words is what its thread says.
  if (known?.text !== reply.text && saysSomething(reply.text)) {
    await judgeWordlessAgain(tx, { channel: reply.channel, ts: reply.threadTs });
  }
  return kept;
}

/** The act that keeps the text of a reply out: it covers the reply, its author, or what it replies to. */
async function findForgotten(
  tx: Tx,
  reply: IncomingMessage & { threadTs: string },
  known: { deleted_at: number | null; forgotten: number | null } | undefined,
  seenAt: number | undefined,
): Promise<number | null> {
  if (known && known.forgotten !== null) {
    return (await mayReturn(tx, reply, known, seenAt)) ? null : known.forgotten;
  }
  const around = await tx
    .selectFrom('messages')
    .select('forgotten')
    .where('channel', '=', reply.channel)
    .where('ts', 'in', [reply.ts, reply.threadTs])
    .where('forgotten', 'is not', null)
    .limit(1)
    .executeTakeFirst();
  return around?.forgotten ?? (known ? null : ((await findForgettingOf(tx, reply)) ?? null));
}

/** Those of these messages whose threads say something. */
export async function listWithReplies(
  tx: Tx,
  channel: string,
  threads: string[],
): Promise<Set<string>> {
  if (threads.length === 0) return new Set();
  const rows = await tx
    .selectFrom('replies')
    .select(['thread_ts', 'text'])
    .where('channel', '=', channel)
    .where('thread_ts', 'in', threads)
    .where('deleted_at', 'is', null)
    .execute();
  return new Set(rows.flatMap(({ thread_ts, text }) => (saysSomething(text) ? thread_ts : [])));
}

const saysSomething = (text: string) => text !== '' && !isWordless(text);

/** What is stored of a thread, without what was deleted. */
export interface StoredThread {
  /** Replies, also those that were sent to the channel as well. */
  replies: number;
  newest: string;
}

/** What is stored of the threads of some messages, by their parents; those without a reply are left out. */
export async function readThreads(
  db: Db | Tx,
  channel: string,
  { oldest, latest }: Range,
): Promise<Map<string, StoredThread>> {
  const rows = await db
    .selectFrom('replies')
    .select(['thread_ts', 'ts'])
    .where('channel', '=', channel)
    .where('thread_ts', '>=', oldest)
    .where('thread_ts', '<=', latest)
    .where('deleted_at', 'is', null)
    // A reply that a person added is in both tables: once is enough.
    .union(
      db
        .selectFrom('messages')
        .select(['thread_ts', 'ts'])
        .$narrowType<{ thread_ts: string }>()
        .where('channel', '=', channel)
        // Replies are younger than their parent, and messages have no index by thread.
        .where('ts', '>', oldest)
        .where('thread_ts', '>=', oldest)
        .where('thread_ts', '<=', latest)
        .where('deleted_at', 'is', null),
    )
    .execute();
  const threads = Map.groupBy(rows, (row) => row.thread_ts);
  return new Map(
    [...threads].map(([parent, replies]) => {
      const newest = replies.map(({ ts }) => ts).reduce((one, other) => laterTs(one, other));
      return [parent, { replies: replies.length, newest }];
    }),
  );
}

/** The stored replies of a thread that are not deleted. */
export async function listReplies(db: Db, channel: string, threadTs: string): Promise<string[]> {
  const rows = await db
    .selectFrom('replies')
    .select('ts')
    .where('channel', '=', channel)
    .where('thread_ts', '=', threadTs)
    .where('deleted_at', 'is', null)
    .orderBy('ts')
    .execute();
  return rows.map(({ ts }) => ts);
}

/** The texts of the last replies in the thread of a message, oldest first. */
export async function readLastReplies(
  db: Db | Tx,
  { channel, ts }: { channel: string; ts: string },
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('replies')
    .select('text')
    .where('channel', '=', channel)
    .where('thread_ts', '=', ts)
    .where('deleted_at', 'is', null)
    .where('forgotten', 'is', null)
    .orderBy('ts', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ text }) => text).reverse();
}
