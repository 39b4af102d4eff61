import { hash } from 'node:crypto';
import { essenceOf, saysSame } from '../../core/intake/essence.ts';
import type { IncomingMessage } from '../../core/intake/message.ts';
import { tellingWords } from '../../core/intake/voice.ts';
import { isWordless } from '../../core/intake/wordless.ts';
import { tsToMs } from '../../core/timestamps.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';
import { findForgettingOf } from '../privacy/forgettings.ts';
import { clearDeletion, clearForgotten } from './revival.ts';
import { ensureUsers } from './users.ts';

/**
 * Messages: pending → claimed (by a run) → judged, or dead after too many tries. An edit makes a
 * judged or dead message pending again; a deletion takes it out wherever it is.
 */

export type Kept = 'new' | 'edited' | 'unchanged' | 'revived' | 'before our time';

interface Circumstances {
  /** A person added it: it counts whenever it was posted. */
  added?: boolean;
  /**
   * When Slack is known to have had it, in ms since 1970. A message that was deleted before then is
   * there after all. Without it, what arrives is as the message was when it was posted.
   */
  seenAt?: number | undefined;
}

/**
 * Upserts a message. A repeated event, or a late one about an earlier state, changes nothing.
 * @returns `revived` when it had been taken for deleted; `new` also when it was forgotten for that
 */
export async function upsertMessage(
  tx: Tx,
  message: IncomingMessage,
  now: number,
  { added = false, seenAt }: Circumstances = {},
): Promise<Kept> {
  const { channel, ts } = message;
  const known = await tx
    .selectFrom('messages')
    .selectAll()
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .executeTakeFirst();

  if (known && known.forgotten !== null) {
    if (!(await clearForgotten(tx, message, known, seenAt))) return 'unchanged';
    await upsertMessage(tx, message, now, { seenAt });
    return 'new';
  }
  if (known && known.deleted_at !== null) {
    if (seenAt === undefined || seenAt < known.deleted_at) return 'unchanged';
    // Only its deletion was known.
    const blank = known.text === '' && known.author === null && known.author_name === null;
    if (blank && !added && (await isBeforeOurTime(tx, message))) return 'before our time';
    await clearDeletion(tx, message);
    await upsertMessage(tx, message, now, { seenAt });
    return 'revived';
  }
  if (known) {
    const [before, after] = [known.edited_ts ?? '', message.editedTs ?? ''];
    if (before > after) return 'unchanged';
    // The event of a new message: a transcript may have come since, which is no edit.
    if (before === after && seenAt === undefined) return 'unchanged';
    if (saysSame(known.text, message.text)) {
      // Also when the text went there and back: an event about the text in between may still come,
      // and must then be too late.
      if (known.text !== message.text || after > before) await setText(tx, message);
      return 'unchanged';
    }
    await tx
      .updateTable('messages')
      .set({
        ...toColumns(message),
        copy_of: null,
        revision: known.revision + 1,
        tries: 0,
        trouble: null,
        // A claimed message stays with its run, which judges its old text; the next one judges the new.
        state: known.state === 'claimed' ? 'claimed' : 'pending',
      })
      .where('channel', '=', channel)
      .where('ts', '=', ts)
      .execute();
    await ensureUsers(tx, message);
    return 'edited';
  }

  if (!added && (await isBeforeOurTime(tx, message))) return 'before our time';
  if (await findForgettingOf(tx, message)) return 'unchanged';
  await tx
    .insertInto('messages')
    .values({
      channel,
      ts,
      thread_ts: message.threadTs,
      ...toColumns(message),
      revision: 1,
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

/**
 * Whether this is an edit of a message from before the bot's arrival. While the time of the arrival
 * is unknown, only an edit can be: every new message is posted after it.
 */
async function isBeforeOurTime(
  tx: Tx,
  { channel, ts, editedTs }: IncomingMessage,
): Promise<boolean> {
  const { since_ts: since } = await tx
    .selectFrom('channels')
    .select('since_ts')
    .where('id', '=', channel)
    .executeTakeFirstOrThrow();
  return since === null ? editedTs !== null : ts < since;
}

function toColumns(message: IncomingMessage) {
  const { text, author, authorName, reporter, bot, editedTs } = message;
  // Pictures may differ, whatever their names are.
  const essence = bot === null || isWordless(text) ? null : essenceOf(text) || null;
  return {
    text,
    author,
    author_name: authorName,
    reporter,
    bot,
    essence,
    voice: findVoice(message, essence ?? ''),
    edited_ts: editedTs,
  };
}

/** Tells voices apart: a reporter, or what an integration says for nobody; null: its own. */
function findVoice({ reporter, bot }: IncomingMessage, essence: string): string | null {
  const words = tellingWords(essence);
  if (reporter !== null || words === '') return reporter;
  // Not the words: they are stored once.
  return hash('sha256', `${bot} ${words}`);
}

/** Nothing follows from it. */
async function setText(tx: Tx, message: IncomingMessage): Promise<void> {
  const { channel, ts, text, editedTs } = message;
  await ensureUsers(tx, message);
  await tx
    .updateTable('messages')
    .set({ text, edited_ts: editedTs })
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .execute();
}

/** The thread of a message without words has said more: the next run judges it again. */
export async function judgeWordlessAgain(
  tx: Tx,
  { channel, ts }: { channel: string; ts: string },
): Promise<void> {
  const message = await readMessage(tx, channel, ts);
  if (!message || !isWordless(message.text)) return;
  await tx
    .updateTable('messages')
    .set(message.state === 'dead' ? { state: 'pending', tries: 0 } : { again: 1, tries: 0 })
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .where('state', '!=', 'pending')
    .execute();
}

/**
 * Marks a message or reply as deleted. A deletion that arrives before its message keeps the message
 * out.
 * @param at in ms since 1970: what Slack shows after this moment is there after all
 */
export async function markDeleted(
  tx: Tx,
  { channel, ts }: { channel: string; ts: string },
  at: number,
): Promise<void> {
  const reply = await tx
    .updateTable('replies')
    .set({ deleted_at: at })
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
      collected_at: at,
      deleted_at: at,
      state: 'pending',
      run: null,
      trouble: null,
      verdict: null,
      digest: null,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['channel', 'ts'])
        .doUpdateSet({ deleted_at: at })
        .where('messages.deleted_at', 'is', null),
    )
    .execute();
}

export interface StoredMessage {
  channel: string;
  ts: string;
  threadTs: string | null;
  author: string | null;
  authorName: string | null;
  reporter: string | null;
  bot: string | null;
  text: string;
  state: Tables['messages']['state'];
  trouble: string | null;
  deleted: boolean;
  forgotten: boolean;
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
      'reporter',
      'bot',
      'text',
      'state',
      'trouble',
      'deleted_at',
      'forgotten as act',
    ])
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .executeTakeFirst();
  if (!row) return undefined;
  const { deleted_at, act, ...message } = row;
  return { ...message, deleted: deleted_at !== null, forgotten: act !== null };
}
