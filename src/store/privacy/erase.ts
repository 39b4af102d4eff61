import { FORGOTTEN, FORGOTTEN_REASON } from '../../core/privacy/forgotten.ts';
import { hasFewWords } from '../../core/runs/gist.ts';
import type { Tx } from '../db/tables.ts';
import { findMessageRow, type MessageRow } from '../intake/copies.ts';
import { deleteExamples } from '../people/examples.ts';
import { CANCELED } from '../runs/give-back.ts';
import { replaceWords } from '../text-index/message-words.ts';
import { forgetInTopics } from '../themes/topics.ts';
import { forgetInThemes } from '../themes/words.ts';
import { fingerprint } from './forgettings.ts';

/**
 * Erases what the database has of a text, wherever it stands; docs/decisions/what-is-forgotten.md has the
 * list. What is counted stays: the message, its time, its channel, its verdicts without their gists. Posts
 * follow later, from what is stored then.
 */

/** @returns how many replies were erased with it */
export async function eraseMessage(
  tx: Tx,
  message: MessageRow,
  act: number,
  now: number,
): Promise<number> {
  const { channel, ts } = message;
  await tx
    .updateTable('messages')
    .set({
      text: FORGOTTEN,
      author_name: null,
      ...eraseNames(message),
      essence: message.essence === null ? null : fingerprint(message.essence),
      trouble: message.state === 'dead' ? FORGOTTEN_REASON : null,
      again: 0,
      forgotten: act,
      ...(await standing(tx, message, now)),
    })
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .execute();
  await eraseReasons(tx, { channel, ts });
  await deleteExamples(tx, channel, [ts]);
  await replaceWords(tx, [{ channel, ts, words: null }]);
  // Its new text is nothing to look for.
  await tx.deleteFrom('unindexed').where('channel', '=', channel).where('ts', '=', ts).execute();
  await eraseGists(tx, message, { by: FORGOTTEN, besides: message.text }, act);
  await restartExports(tx, channel);
  return eraseReplies(tx, { channel, ts }, act);
}

/**
 * Erases the gists of a message, and what themes and topics have of them.
 * @param by what stands there instead
 * @param besides another text that topics may have words of
 */
async function eraseGists(
  tx: Tx,
  { channel, ts }: MessageRow,
  { by, besides }: { by: string; besides: string },
  act: number,
): Promise<void> {
  const rows = await tx
    .selectFrom('verdicts')
    .select('gist')
    .distinct()
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .where('gist', '!=', '')
    .execute();
  const gists = rows.map(({ gist }) => gist);
  await tx
    .updateTable('verdicts')
    .set({ gist: by })
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .execute();
  await forgetInThemes(tx, { channel, ts, gists, act });
  await forgetInTopics(tx, { channel, ts, text: [besides, ...gists].join(' '), act });
}

/**
 * A reply is forgotten: the gist of a message of few words, such as a picture, may be the reply's.
 * @returns the message, if it has changed
 */
export async function eraseBorrowedGist(
  tx: Tx,
  { channel, threadTs }: { channel: string; threadTs: string },
  act: number,
): Promise<MessageRow | undefined> {
  const message = await findMessageRow(tx, { channel, ts: threadTs });
  if (!message || message.forgotten !== null || !hasFewWords(message.text)) return undefined;
  await eraseGists(tx, message, { by: '', besides: '' }, act);
  await tx
    .insertInto('unindexed')
    .values({ channel, ts: threadTs })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return message;
}

/** A person keeps the id that tells people apart; a name becomes one that says nothing. */
function eraseNames({ reporter, voice }: MessageRow): Pick<MessageRow, 'reporter' | 'voice'> {
  if (reporter === null || USER_ID.test(reporter)) return { reporter, voice };
  const unnamed = fingerprint(reporter);
  return { reporter: unnamed, voice: voice === reporter ? unnamed : voice };
}

/** Names are stored in lower case. */
const USER_ID = /^[UW][A-Z0-9]+$/;

/**
 * What waits to be judged never is: it counts as it last did, or was never there.
 */
async function standing(
  tx: Tx,
  { state, verdict, first_digest, deleted_at, revision }: MessageRow,
  now: number,
): Promise<Partial<MessageRow>> {
  if (state !== 'pending' && state !== 'claimed') return {};
  if (verdict !== null) {
    const judged = await tx
      .selectFrom('verdicts')
      .select('revision')
      .where('id', '=', verdict)
      .executeTakeFirst();
    return { state: 'judged', revision: judged?.revision ?? revision };
  }
  if (first_digest !== null) return { state: 'dead', trouble: FORGOTTEN_REASON };
  return { deleted_at: deleted_at ?? now };
}

/**
 * Erases a reply, or those in a thread.
 * @returns how many held a text
 */
export async function eraseReplies(
  tx: Tx,
  { channel, ts }: { channel: string; ts: string },
  act: number,
): Promise<number> {
  let erased = 0;
  // Each finds its rows by an index.
  for (const column of ['ts', 'thread_ts'] as const) {
    const rows = await tx
      .selectFrom('replies')
      .select('ts')
      .where('channel', '=', channel)
      .where(column, '=', ts)
      .where('forgotten', 'is', null)
      .where('text', '!=', '')
      .execute();
    await tx
      .updateTable('replies')
      .set({ text: '', author_name: null, forgotten: act })
      .where('channel', '=', channel)
      .where(column, '=', ts)
      .where('forgotten', 'is', null)
      .execute();
    erased += rows.length;
  }
  return erased;
}

/** Claude's own words about a request may quote it. */
async function eraseReasons(
  tx: Tx,
  { channel, ts }: { channel: string; ts: string },
): Promise<void> {
  await tx
    .updateTable('requests')
    .set({ outcome: FORGOTTEN_REASON })
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .where('outcome', 'is not', null)
    .where('outcome', 'not in', ['judged', 'deleted', CANCELED])
    .execute();
}

/** Files that are at Slack and that nobody has seen are made again. */
async function restartExports(tx: Tx, channel: string): Promise<void> {
  await tx
    .updateTable('exports')
    .set({ state: 'asked', file: null, im: null, messages: null })
    .where('channel', '=', channel)
    .where('state', '=', 'sending')
    .execute();
}

/**
 * Keeps out a message that the bot has never seen, should it still come, and one that it has forgotten only
 * because it was deleted.
 */
export async function keepOut(
  tx: Tx,
  { channel, ts, postedAt }: { channel: string; ts: string; postedAt: number },
  act: number,
  now: number,
): Promise<void> {
  const reply = await tx
    .updateTable('replies')
    .set((eb) => ({
      forgotten: eb.case().when('forgotten', 'is', null).then(eb.ref('forgotten')).else(act).end(),
    }))
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .executeTakeFirst();
  if (reply.numUpdatedRows > 0n) return;
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
      posted_at: postedAt,
      collected_at: now,
      deleted_at: now,
      state: 'pending',
      run: null,
      trouble: null,
      verdict: null,
      digest: null,
      forgotten: act,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['channel', 'ts'])
        .doUpdateSet({ forgotten: act })
        .where('messages.forgotten', 'is not', null),
    )
    .execute();
}
