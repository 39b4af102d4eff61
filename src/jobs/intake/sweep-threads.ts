import { DAY_MS } from '../../core/durations.ts';
import { interpretMessage, type SlackMessage } from '../../core/intake/message.ts';
import { msToTs, tsToMs } from '../../core/timestamps.ts';
import { collectPages, notWhole, readThread } from '../../slack/history.ts';
import { SlackReadError } from '../../slack/read.ts';
import { listReplies, readThreads, type StoredThread } from '../../store/intake/replies.ts';
import type { Context } from '../context.ts';
import { syncReactions } from '../people/reactions.ts';
import { commitEach } from '../slices.ts';
import type { Found } from './connection.ts';
import { applyDeletion, storeReply } from './store-message.ts';

/**
 * Reads the threads that differ from what is stored: history says of each message how many replies it
 * has, and which is the newest. An edited reply does not show there, so a look-back reads the others
 * too.
 */

/** Slack allows 50 readings a minute: a look-back must not hold up other sweeps for long. */
const UNCHANGED_READ = 100;

/** What history says of a message and its thread. */
export type Parent = Pick<SlackMessage, 'ts' | 'bot_id' | 'reply_count' | 'latest_reply'>;

/**
 * @param messages those of a channel's history from `oldest` on
 * @param all also reads threads that seem to be as they are stored, the newest of them
 * @returns the replies that were new
 */
export async function sweepThreads(
  context: Context,
  channel: string,
  messages: Parent[],
  { oldest, all, signal }: { oldest: string; all: boolean; signal: AbortSignal },
): Promise<Found[]> {
  const { db, threadsRead, workspace } = context;
  const isOwn = ({ bot_id }: Parent) => bot_id === workspace.self.botId;
  for (const parent of messages.filter(isOwn).filter(hasReplies)) {
    signal.throwIfAborted();
    await sweepOwnThread(context, channel, parent.ts);
  }
  const others = messages.filter((message) => !isOwn(message));
  const stored = await readThreads(db, channel, oldest);
  threadsRead.forgetOthers(channel, others);
  const isChanged = (parent: Parent) =>
    differs(parent, stored.get(parent.ts)) && !threadsRead.isAsRead(channel, parent);
  const rest = others.filter(
    (parent) => !isChanged(parent) && (hasReplies(parent) || stored.has(parent.ts)),
  );
  const newest = rest.toSorted((a, b) => (a.ts < b.ts ? 1 : -1)).slice(0, UNCHANGED_READ);
  const added: Found[] = [];
  for (const parent of [...others.filter(isChanged), ...(all ? newest : [])]) {
    signal.throwIfAborted();
    added.push(...(await sweepThread(context, channel, parent)));
  }
  return added;
}

/** From the parent on, as long as Slack's clock may be ahead. */
const everything = ({ clock }: Context, ts: string) => ({
  oldest: ts,
  latest: msToTs(clock.now() + DAY_MS),
});

const hasReplies = ({ reply_count = 0 }: Parent) => reply_count > 0;

const differs = ({ reply_count = 0, latest_reply }: Parent, stored?: StoredThread) =>
  reply_count !== (stored?.replies ?? 0) || latest_reply !== stored?.newest;

/** In a thread of the bot, people's replies are their own; their reactions on cards count. */
async function sweepOwnThread(context: Context, channel: string, ts: string): Promise<void> {
  const readAt = context.clock.now();
  for await (const { messages } of readThread(
    context.slack,
    channel,
    ts,
    everything(context, ts),
  )) {
    await commitEach(context.db, messages, (tx, post) =>
      syncReactions(tx, context, channel, post, readAt),
    );
  }
}

/** @returns the replies that were new */
async function sweepThread(context: Context, channel: string, parent: Parent): Promise<Found[]> {
  const { db, slack, threadsRead } = context;
  const known = await listReplies(db, channel, parent.ts);
  const present = new Set<string>();
  try {
    if (!(await readReplies(context, channel, parent.ts, present))) {
      throw notWhole('conversations.replies');
    }
    const gone: string[] = [];
    for (const ts of known.filter((reply) => !present.has(reply))) {
      const range = { oldest: ts, latest: ts };
      const found = await collectPages(readThread(slack, channel, parent.ts, range));
      if (found.whole && found.present.every((other) => other === parent.ts)) gone.push(ts);
    }
    await commitEach(db, gone, (tx, ts) => applyDeletion(tx, context, { channel, ts }));
  } catch (error) {
    // Its message was deleted since history was read.
    if (!(error instanceof SlackReadError) || error.code !== 'thread_not_found') throw error;
  }
  threadsRead.record(channel, parent);
  const stored = await listReplies(db, channel, parent.ts);
  const before = new Set(known);
  return stored
    .filter((ts) => !before.has(ts))
    .map((ts) => ({ channel, ts, postedAt: tsToMs(ts) }));
}

/** @returns whether the thread was read whole */
async function readReplies(
  context: Context,
  channel: string,
  threadTs: string,
  present: Set<string>,
): Promise<boolean> {
  const {
    db,
    slack,
    clock,
    workspace: { self },
  } = context;
  const readAt = clock.now();
  let whole = false;
  for await (const page of readThread(slack, channel, threadTs, everything(context, threadTs))) {
    for (const ts of page.present) present.add(ts);
    await commitEach(db, page.messages, async (tx, message) => {
      const intake = interpretMessage(channel, message, self);
      if (intake.kind === 'reply') await storeReply(tx, context, intake.reply, { seenAt: readAt });
    });
    whole = page.whole;
  }
  return whole;
}
