import type { SelectQueryBuilder } from 'kysely';
import type { IncomingMessage } from '../core/message.ts';
import { tsToMs } from '../core/timestamps.ts';
import type { Db, Tables, Tx } from './database.ts';
import { noticeUser } from './users.ts';

/**
 * Messages: pending → claimed (by a run) → judged, or dead after too many tries. An edit makes a
 * judged or dead message pending again; a deletion takes it out wherever it is.
 */

export type Kept = 'new' | 'edited' | 'unchanged' | 'before our time';

/**
 * Stores a message as it is now. Told twice, or told late of an earlier state, changes nothing.
 * @param added by a person: whenever it was posted
 */
export async function keepMessage(
  tx: Tx,
  message: IncomingMessage,
  now: number,
  { added = false } = {},
): Promise<Kept> {
  const { channel, ts } = message;
  const known = await tx
    .selectFrom('messages')
    .select(['text', 'edited_ts', 'revision', 'state', 'deleted_at'])
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .executeTakeFirst();

  if (known) {
    const [before, after] = [known.edited_ts ?? '', message.editedTs ?? ''];
    if (known.deleted_at !== null || before > after) return 'unchanged';
    if (known.text === message.text) {
      // Edited there and back: the edit in between may still be under way, and must come too late.
      if (after > before) await setEditedTs(tx, message);
      return 'unchanged';
    }
    await tx
      .updateTable('messages')
      .set({
        text: message.text,
        edited_ts: message.editedTs,
        revision: known.revision + 1,
        tries: 0,
        trouble: null,
        // A claimed message stays with its run; the result for its old text is not taken.
        state: known.state === 'claimed' ? 'claimed' : 'pending',
      })
      .where('channel', '=', channel)
      .where('ts', '=', ts)
      .execute();
    await noticePeople(tx, message);
    return 'edited';
  }

  const { since_ts: since } = await tx
    .selectFrom('channels')
    .select('since_ts')
    .where('id', '=', channel)
    .executeTakeFirstOrThrow();
  // An edit of a message from before the bot came. While it is not known when that was, only an
  // edit can be one: what is new has been posted to us.
  const early = since === null ? message.editedTs !== null : ts < since;
  if (early && !added) return 'before our time';
  await tx
    .insertInto('messages')
    .values({
      channel,
      ts,
      thread_ts: message.threadTs,
      author: message.author,
      author_name: message.authorName,
      text: message.text,
      revision: 1,
      edited_ts: message.editedTs,
      posted_at: tsToMs(ts),
      collected_at: now,
      deleted_at: null,
      state: 'pending',
      run: null,
      trouble: null,
      verdict: null,
      digest: null,
    })
    .execute();
  await noticePeople(tx, message);
  return 'new';
}

async function setEditedTs(tx: Tx, { channel, ts, editedTs }: IncomingMessage): Promise<void> {
  await tx
    .updateTable('messages')
    .set({ edited_ts: editedTs })
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .execute();
}

/**
 * Stores a reply of a thread: context of its message, not feedback of its own, unless a person has
 * added it.
 */
export async function keepReply(
  tx: Tx,
  reply: IncomingMessage & { threadTs: string },
  now: number,
): Promise<void> {
  const added = await readMessage(tx, reply.channel, reply.ts);
  if (added && !added.deleted) await keepMessage(tx, reply, now);
  await tx
    .insertInto('replies')
    .values((eb) => ({
      channel: reply.channel,
      ts: reply.ts,
      thread_ts: reply.threadTs,
      author: reply.author,
      author_name: reply.authorName,
      text: reply.text,
      edited_ts: reply.editedTs,
      // A deletion that came first could not know it for a reply.
      deleted_at: eb
        .selectFrom('messages')
        .select('messages.deleted_at')
        .where('messages.channel', '=', reply.channel)
        .where('messages.ts', '=', reply.ts),
    }))
    .onConflict((conflict) =>
      conflict
        .columns(['channel', 'ts'])
        .doUpdateSet({ text: reply.text, edited_ts: reply.editedTs })
        .where((eb) =>
          eb.or([
            eb('replies.edited_ts', 'is', null),
            eb('replies.edited_ts', '<=', reply.editedTs ?? ''),
          ]),
        ),
    )
    .execute();
  await noticePeople(tx, reply);
}

/** A message or reply is gone. A deletion that comes before its message keeps the message out. */
export async function keepDeletion(
  tx: Tx,
  { channel, ts }: { channel: string; ts: string },
  now: number,
): Promise<void> {
  const reply = await tx
    .updateTable('replies')
    .set({ deleted_at: now })
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .executeTakeFirst();
  // A reply that a person has added is a message as well.
  if (reply.numUpdatedRows > 0n && !(await readMessage(tx, channel, ts))) return;
  await tx
    .insertInto('messages')
    .values({
      channel,
      ts,
      thread_ts: null,
      author: null,
      author_name: null,
      text: '',
      revision: 1,
      edited_ts: null,
      posted_at: tsToMs(ts),
      collected_at: now,
      deleted_at: now,
      state: 'pending',
      run: null,
      trouble: null,
      verdict: null,
      digest: null,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['channel', 'ts'])
        .doUpdateSet({ deleted_at: now })
        .where('messages.deleted_at', 'is', null),
    )
    .execute();
}

/** Timestamps of the messages from `oldest` on, included, that we think are there. */
export async function listMessagesSince(
  db: Db,
  channel: string,
  oldest: string,
): Promise<string[]> {
  const rows = await db
    .selectFrom('messages')
    .select('ts')
    .where('channel', '=', channel)
    .where('deleted_at', 'is', null)
    .where('ts', '>=', oldest)
    // A reply that a person has added is no part of the channel's history.
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('replies')
            .select('replies.ts')
            .whereRef('replies.channel', '=', 'messages.channel')
            .whereRef('replies.ts', '=', 'messages.ts'),
        ),
      ),
    )
    .execute();
  return rows.map(({ ts }) => ts);
}

/** The newest reply that we have of a thread, or undefined. */
export async function findNewestReply(
  db: Db,
  channel: string,
  threadTs: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('replies')
    .select('ts')
    .where('channel', '=', channel)
    .where('thread_ts', '=', threadTs)
    .orderBy('ts', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.ts;
}

export interface PendingSize {
  messages: number;
  /** Of all their texts and their threads together, for the price: rather too many than too few. */
  characters: number;
}

/** What a run would judge now: what is pending, and what is to be judged again. */
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

const MENTION = /<@([UW][A-Z0-9]+)/g;

async function noticePeople(tx: Tx, { author, text }: IncomingMessage): Promise<void> {
  const people = new Set([...text.matchAll(MENTION)].flatMap(([, id]) => id ?? []));
  if (author) people.add(author);
  for (const person of people) await noticeUser(tx, person);
}

export interface StoredMessage {
  channel: string;
  ts: string;
  threadTs: string | null;
  author: string | null;
  authorName: string | null;
  text: string;
  state: Tables['messages']['state'];
  trouble: string | null;
  deleted: boolean;
}

export async function readMessage(
  db: Db | Tx,
  channel: string,
  ts: string,
): Promise<StoredMessage | undefined> {
  const row = await db
    .selectFrom('messages')
    .select([
      'channel',
      'ts',
      'thread_ts as threadTs',
      'author',
      'author_name as authorName',
      'text',
      'state',
      'trouble',
      'deleted_at',
    ])
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .executeTakeFirst();
  if (!row) return undefined;
  const { deleted_at, ...message } = row;
  return { ...message, deleted: deleted_at !== null };
}
