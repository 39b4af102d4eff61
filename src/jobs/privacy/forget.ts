import { PRIORITY } from '../../core/delivery/effects.ts';
import { HOUR_MS, SECOND_MS } from '../../core/durations.ts';
import { renderForgettingDone } from '../../slack/blocks/privacy/forgotten.ts';
import { emptyLog, rewriteDatabase } from '../../store/db/seal.ts';
import type { Tx } from '../../store/db/tables.ts';
import { addEffects } from '../../store/delivery/outbox.ts';
import { askAllHomes } from '../../store/home/homes.ts';
import { deleteUser } from '../../store/intake/users.ts';
import { eraseBorrowedGist, eraseMessage, eraseReplies } from '../../store/privacy/erase.ts';
import {
  countForgotten,
  type Forgetting,
  listOpenForgettings,
  updateForgetting,
} from '../../store/privacy/forgettings.ts';
import { hasStaleSince } from '../../store/privacy/posts.ts';
import { selectMessagesToForget, selectRepliesToForget } from '../../store/privacy/remembered.ts';
import { mergeWords } from '../../store/text-index/message-words.ts';
import type { Context, NextAt } from '../context.ts';
import { showCopies } from '../intake/copies.ts';
import { applyDecision } from '../people/apply-decision.ts';
import { commitAll, commitSome } from '../slices.ts';
import { showForgotten } from './show-forgotten.ts';

/**
 * Carries out what was committed to be forgotten:
 *
 *   erasing (texts, a few a commit) ──▶ showing (posts about them) ──▶ sealing (the database)
 *     ──▶ emptying (its log) ──▶ done
 *
 * Each commit leaves a part of the work done for good, so a crash repeats nothing and skips nothing. In
 * `sealing` it waits until all posts are written again, because the outbox has their words.
 */
export async function forget(context: Context): Promise<NextAt> {
  const { db, clock } = context;
  for (const act of await listOpenForgettings(db)) {
    if (act.stage === 'erasing' && (await eraseSome(context, act))) return clock.now();
  }
  for (const act of await listOpenForgettings(db)) {
    if (act.stage === 'showing') await showForgotten(context, act);
  }
  const rest = await listOpenForgettings(db);
  return rest.length === 0 ? null : seal(context, rest);
}

/** Messages, or replies without them, to erase between two looks at the time. */
const MESSAGES_AT_ONCE = 5;
const REPLIES_AT_ONCE = 20;

/** Commits after which the job lets the bot stop if it wants to. */
const COMMITS = 50;

/** @returns whether something is left to erase */
async function eraseSome(context: Context, act: Forgetting): Promise<boolean> {
  for (let commit = 0; commit < COMMITS; commit++) {
    if (!(await commitSome(context.db, (tx) => eraseNext(tx, context, act)))) return false;
  }
  return true;
}

/** @returns false when nothing was left, and the act is `showing` */
async function eraseNext(tx: Tx, context: Context, act: Forgetting): Promise<boolean> {
  const now = context.clock.now();
  const messages = await selectMessagesToForget(tx, act)
    .selectAll('messages')
    .limit(MESSAGES_AT_ONCE)
    .execute();
  let replies = 0;
  for (const message of messages) {
    replies += await eraseMessage(tx, message, act.id, now);
    const { channel, ts } = message;
    if (message.state === 'copy') continue;
    // One that was never judged is as if it had been deleted.
    const cause = `forgotten-${channel}-${ts}`;
    if (message.deleted_at === null) await applyDecision(tx, context, message, cause);
    await showCopies(tx, context, message);
  }
  const alone = await selectRepliesToForget(tx, act)
    .select(['replies.channel', 'replies.ts', 'replies.thread_ts as threadTs'])
    .limit(REPLIES_AT_ONCE)
    .execute();
  for (const reply of alone) {
    replies += await eraseReplies(tx, reply, act.id);
    const changed = await eraseBorrowedGist(tx, reply, act.id);
    if (changed && changed.deleted_at === null)
      await applyDecision(tx, context, changed, `forgotten-${reply.channel}-${reply.ts}`);
  }
  const texts = messages.filter(({ text }) => text !== '').length;
  await countForgotten(tx, act.id, { messages: texts, replies });
  if (messages.length > 0 || alone.length > 0) return true;
  if (act.person !== null) await deleteUser(tx, act.person);
  await askAllHomes(tx, now);
  await updateForgetting(tx, act.id, { stage: 'showing' });
  return false;
}

/** When it is tried again. */
const WAITS = { forPosts: SECOND_MS, forReaders: 30 * SECOND_MS, forSpace: HOUR_MS };

/**
 * sealing → emptying → done, for all acts that are as far. The database is written anew once; while something reads
 * it for long, such as a program that copies its log, only the log is tried again.
 */
async function seal(context: Context, acts: Forgetting[]): Promise<NextAt> {
  const { db, clock, log } = context;
  const shown = acts.filter(({ stage }) => stage === 'sealing' || stage === 'emptying');
  if (await hasStaleSince(db, Math.max(...shown.map(({ shown_at }) => shown_at ?? 0)))) {
    return clock.now() + WAITS.forPosts;
  }
  const unsealed = shown.filter(({ stage }) => stage === 'sealing');
  if (unsealed.length > 0) {
    let begin = true;
    await commitAll(db, async (tx) => {
      const more = await mergeWords(tx, begin);
      begin = false;
      return more;
    });
    const unwritten = await rewriteDatabase(db);
    if (unwritten !== undefined) return waitToSeal(context, unwritten);
    for (const { id } of unsealed) await updateForgetting(db, id, { stage: 'emptying' });
  }
  const left = await emptyLog(db);
  if (left !== undefined) return waitToSeal(context, left);
  const now = clock.now();
  await db.transaction().execute(async (tx) => {
    for (const { id, by, channel, messages, replies } of shown) {
      await updateForgetting(tx, id, { stage: 'done', ended_at: now });
      if (by === null || channel === null) continue;
      const effect = {
        kind: 'ephemeral' as const,
        user: by,
        ...renderForgettingDone(messages, replies),
      };
      const key = `forgotten-f${id}`;
      await addEffects(tx, [{ key, channel, priority: PRIORITY.person, effect }], now);
    }
  });
  for (const { id, kind, by, messages, replies } of shown) {
    log.info({ forgetting: id, kind, by, messages, replies }, 'texts were forgotten');
  }
  return null;
}

function waitToSeal({ clock, log }: Context, reason: string): number {
  log.warn({ reason }, 'what was forgotten is erased, but may be left in unused space');
  return clock.now() + (reason.includes('full') ? WAITS.forSpace : WAITS.forReaders);
}
