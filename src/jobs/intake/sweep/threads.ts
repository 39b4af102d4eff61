import { DAY_MS } from '../../../core/durations.ts';
import { interpretMessage, type SlackMessage } from '../../../core/intake/message.ts';
import {
  addLookBack,
  addUnread,
  inOrder,
  type Range,
  type Unread,
} from '../../../core/intake/ranges.ts';
import { laterTs, msToTs, tsToMs } from '../../../core/timestamps.ts';
import { collectPages, type MessagePage, readThread } from '../../../slack/history.ts';
import { SlackReadError } from '../../../slack/read.ts';
import type { Tx } from '../../../store/db/tables.ts';
import { listReplies, readThreads, type StoredThread } from '../../../store/intake/replies.ts';
import {
  listUnread,
  listUnreadThreads,
  postponeThread,
  setUnread,
  type UnreadThread,
} from '../../../store/intake/unread.ts';
import type { Context } from '../../context.ts';
import { syncReactions } from '../../people/reactions.ts';
import { commitEach } from '../../slices.ts';
import { storeReply } from '../store-message.ts';
import { readRange } from './read-range.ts';
import type { Reading, Turns } from './turns.ts';

/**
 * Reads the threads that differ from what is stored: history says of each message how many replies it
 * has, and which is the newest. An edited reply does not show there, so a look-back reads the others
 * too. Which threads have to be read is committed with the page of history that shows them.
 */

/** Slack allows 50 readings a minute: a look-back must not hold up other sweeps for long. */
const UNCHANGED_READ = 100;

/** Slack's clock may be ahead of ours. */
const SKEW_MS = DAY_MS;

const hasReplies = ({ reply_count = 0 }: SlackMessage) => reply_count > 0;

const differs = ({ reply_count = 0, latest_reply }: SlackMessage, stored?: StoredThread) =>
  reply_count !== (stored?.replies ?? 0) || latest_reply !== stored?.newest;

/**
 * Asks for the threads of a page of history to be read.
 * @param isAgain whether a message is read again, for edits and deletions
 */
export async function askForThreads(
  tx: Tx,
  reading: Reading,
  messages: SlackMessage[],
  isAgain: (ts: string) => boolean,
): Promise<void> {
  const { context, channel, parents } = reading;
  const { threadsRead, workspace } = context;
  const newestFirst = messages.toSorted((a, b) => (a.ts < b.ts ? 1 : -1));
  const [newest, oldest] = [newestFirst[0], newestFirst.at(-1)];
  if (!newest || !oldest) return;
  const stored = await readThreads(tx, channel, { oldest: oldest.ts, latest: newest.ts });
  const asked = await listUnreadThreads(tx, channel);
  const waiting = new Set(asked.filter((one) => one.look_back === 0).map((one) => one.threadTs));
  const again = new Set(asked.filter((one) => one.look_back === 1).map((one) => one.threadTs));
  for (const message of newestFirst) {
    const { ts, bot_id } = message;
    const ask = (kind: 'new' | 'again', own = 0) =>
      askFor(tx, context, { channel, threadTs: ts, own }, kind);
    if (bot_id === workspace.self.botId) {
      // People's replies are their own there; their reactions on cards count.
      if (hasReplies(message) && !again.has(ts)) await ask('again', 1);
      continue;
    }
    parents.add(ts);
    if (waiting.has(ts)) {
      // A part of it may have been read before somebody edited it.
      if (isAgain(ts)) await ask('again');
      continue;
    }
    if (differs(message, stored.get(ts)) && !threadsRead.isAsRead(channel, message)) {
      threadsRead.expect(channel, message);
      await ask('new');
    } else if (isAgain(ts) && (hasReplies(message) || stored.has(ts))) {
      const isMore = !again.has(ts);
      if (isMore && Math.max(again.size, reading.unchangedThreads) >= UNCHANGED_READ) continue;
      if (isMore) reading.unchangedThreads++;
      again.add(ts);
      threadsRead.expect(channel, message);
      await ask('again');
    }
  }
}

async function askFor(
  tx: Tx,
  { clock }: Context,
  thread: UnreadThread,
  kind: 'new' | 'again',
): Promise<void> {
  const now = clock.now();
  const before = await listUnread(tx, thread);
  const latest = before.map((range) => range.latest).reduce(laterTs, '') || msToTs(now + SKEW_MS);
  const range = { oldest: thread.threadTs, latest };
  const add = kind === 'new' ? addUnread : addLookBack;
  await setUnread(tx, thread, add(before, range, now), thread.own);
}

/** Reads the threads of a channel that have to be read, also those that its history names meanwhile. */
export async function* readThreadsOf(reading: Reading): Turns {
  const { context, channel } = reading;
  for (;;) {
    const [next] = await listUnreadThreads(context.db, channel);
    if (next) yield* sweepThread(reading, next);
    else if (reading.isHistoryOver) return;
    else yield;
  }
}

async function* sweepThread({ context, channel, found }: Reading, thread: UnreadThread): Turns {
  const { db, clock, threadsRead } = context;
  const { threadTs } = thread;
  const before = new Set(await listReplies(db, channel, threadTs));
  let left = await listUnread(db, thread);
  try {
    // One at a time: a thread is read from its oldest reply on.
    for (let [range] = inOrder(left); range; [range] = inOrder(left)) {
      left = yield* readPart(context, thread, range, left);
    }
  } catch (error) {
    if (!(error instanceof SlackReadError) || error.isStopping) throw error;
    if (error.code !== 'thread_not_found') {
      await postponeThread(db, thread, clock.now());
      throw error;
    }
    // Its message was deleted since history was read.
    await db.transaction().execute((tx) => setUnread(tx, thread, []));
  }
  threadsRead.record(channel, threadTs);
  if (thread.own) return;
  const added = (await listReplies(db, channel, threadTs)).filter((ts) => !before.has(ts));
  found.push(...added.map((ts) => ({ channel, ts, postedAt: tsToMs(ts) })));
}

/** @returns what is left to read of the thread */
async function* readPart(
  context: Context,
  thread: UnreadThread,
  range: Range,
  left: Unread[],
): Turns<Unread[]> {
  const { db, slack } = context;
  const { channel, threadTs, own } = thread;
  return yield* readRange(context, left, {
    method: 'conversations.replies',
    channel,
    pages: readThread(slack, channel, threadTs, range),
    stored: own ? [] : await listReplies(db, channel, threadTs),
    store: (page, readAt) => storePage(context, thread, page, readAt),
    async *findGone(missing) {
      for (const ts of missing) {
        yield;
        const at = { oldest: ts, latest: ts };
        const { whole, present } = await collectPages(readThread(slack, channel, threadTs, at));
        if (whole && present.every((other) => other === threadTs)) yield ts;
      }
    },
    commit: (tx, rest) => setUnread(tx, thread, rest, own),
  });
}

function storePage(
  context: Context,
  { channel, own }: UnreadThread,
  { messages }: MessagePage,
  readAt: number,
): Promise<void> {
  return commitEach(context.db, messages, async (tx, message) => {
    if (own) return syncReactions(tx, context, channel, message, readAt);
    const intake = interpretMessage(channel, message, context.workspace.self);
    if (intake.kind === 'reply') await storeReply(tx, context, intake.reply, { seenAt: readAt });
  });
}
