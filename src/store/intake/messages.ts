import type { IncomingMessage } from '../../core/intake/message.ts';
import { tsToMs } from '../../core/timestamps.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';
import { ensureUsers } from './users.ts';

/**
 * Messages: pending → claimed (by a run) → judged, or dead after too many tries. An edit makes a
 * judged or dead message pending again; a deletion takes it out wherever it is.
 */

export type Kept = 'new' | 'edited' | 'unchanged' | 'before our time';

/**
 * Upserts a message. A repeated event, or a late one about an earlier state, changes nothing.
 * @param added a person added it: it counts whenever it was posted
 */
export async function upsertMessage(
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
      // The text went there and back: an event about the text in between may still come, and must
      // then be too late.
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
        // A claimed message stays with its run; the result for its old text is discarded.
        state: known.state === 'claimed' ? 'claimed' : 'pending',
      })
      .where('channel', '=', channel)
      .where('ts', '=', ts)
      .execute();
    await ensureUsers(tx, message);
    return 'edited';
  }

  const { since_ts: since } = await tx
    .selectFrom('channels')
    .select('since_ts')
    .where('id', '=', channel)
    .executeTakeFirstOrThrow();
  // This is an edit of a message from before the bot's arrival. While the time of the arrival is
  // unknown, only an edit can be: every new message is posted after it.
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
  await ensureUsers(tx, message);
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
 * Marks a message or reply as deleted. A deletion that arrives before its message keeps the message
 * out.
 */
export async function markDeleted(
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
  // A reply that a person added is also a message.
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

/** Timestamps of the stored messages from `oldest` on (included) that are not deleted. */
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
    // A reply that a person added is not part of the channel's history.
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
