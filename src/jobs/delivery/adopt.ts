import { type OwnPost, readTold } from '../../core/delivery/adoption.ts';
import { digestKey } from '../../core/delivery/effects.ts';
import type { SlackMessage } from '../../core/intake/message.ts';
import type { Unread } from '../../core/intake/ranges.ts';
import { POST_AHEAD_MS } from '../../core/runs/lane.ts';
import { tsToMs } from '../../core/timestamps.ts';
import { ACTIONS } from '../../slack/blocks/actions.ts';
import { readOwnPosts, readOwnReplies } from '../../slack/own-posts.ts';
import type { Tx } from '../../store/db/tables.ts';
import { adoptPosts, adoptRun, adoptTold, listUnknown } from '../../store/delivery/adoption.ts';
import { findPostByTs, findPostedTs } from '../../store/delivery/posts.ts';
import { readNames } from '../../store/intake/users.ts';
import { findLastDigest, findOpenRun } from '../../store/runs/runs.ts';
import type { Context } from '../context.ts';
import { readSummaryDue } from '../runs/schedule.ts';

/**
 * Takes over posts that the database does not know, because it was restored from a copy or begun anew: nothing that
 * they show is posted again, and their cards work. Each post is one commit with its thread, the oldest first: a crash
 * leaves the newer ones unknown.
 */

/**
 * The posts of the bot in a channel since the newest one that the database knows, newest first. Older ones that it does
 * not know are of a database that was lost before: this one has gone on without them.
 * @param signal once aborted, its reason is thrown
 * @throws SlackReadError
 */
export async function findUnknown(
  { db, slack, workspace }: Pick<Context, 'db' | 'slack' | 'workspace'>,
  channel: string,
  signal?: AbortSignal,
): Promise<OwnPost[]> {
  const unknown: OwnPost[] = [];
  for await (const page of readOwnPosts(slack, channel, workspace.self.botId)) {
    const found = new Set(await listUnknown(db, channel, page));
    const known = page.findIndex((post) => !found.has(post));
    unknown.push(...page.slice(0, known < 0 ? page.length : known));
    if (known >= 0) break;
    signal?.throwIfAborted();
  }
  return unknown;
}

/**
 * The sweep has read a page. What the database does not know was posted since it was last in use, so once all that
 * it had never read is known, and there was none, work on the channel goes on: also while older messages are read again.
 * @param left what has still to be read of the channel
 */
export async function noteOwnPosts(
  tx: Tx,
  { adopted, unknownPosts, workspace }: Context,
  { channel, messages, left }: { channel: string; messages: SlackMessage[]; left: Unread[] },
): Promise<void> {
  if (!adopted || !unknownPosts || adopted.has(channel)) return;
  for (const { ts, bot_id } of messages) {
    if (bot_id !== workspace.self.botId) continue;
    if (!(await findPostByTs(tx, channel, ts))) unknownPosts.add(channel);
  }
  const isRead = left.every(({ look_back }) => look_back === 1);
  if (isRead && !unknownPosts.has(channel)) adopted.add(channel);
}

/** The thread of a summary. */
interface Thread {
  run: number;
  ts: string;
  /** Its parent; undefined when the database knows it. */
  post?: OwnPost;
}

/**
 * Takes over what the database does not know in a channel whose history has been read, if that is to be done.
 * @throws SlackReadError
 */
export async function adoptUnknown(context: Context, channel: string): Promise<void> {
  const { db, slack, log, workspace, adopted } = context;
  if (!adopted || adopted.has(channel)) return;
  const unknown = (await findUnknown(context, channel)).reverse();
  const dueAt = await readSummaryDue(context);
  const count = { posts: unknown.length, messages: 0 };
  const takeOver = async (thread: Thread) => {
    const replies: OwnPost[] = [];
    for await (const page of readOwnReplies(slack, channel, thread.ts, workspace.self.botId)) {
      replies.push(...(await listUnknown(db, channel, page)));
    }
    count.posts += replies.length;
    count.messages += await db
      .transaction()
      .execute((tx) => adoptThread(tx, context, channel, { ...thread, replies, dueAt }));
  };
  for (const thread of await listRecent(context, channel)) await takeOver(thread);
  for (const post of unknown) {
    const { run } = post.metadata.event_payload;
    if (isSummary(post) && run !== undefined) await takeOver({ run, ts: post.ts, post });
    else await db.transaction().execute((tx) => adoptPosts(tx, channel, [post], null));
  }
  adopted.add(channel);
  if (count.posts === 0) return;
  log.warn({ channel, ...count }, 'posts that the database did not know were taken over');
}

const isSummary = ({ metadata }: OwnPost) => metadata.event_type === 'winnow_digest';

/** A copy that was made during a run knows the post of the run, and nothing in its thread. */
async function listRecent({ db }: Context, channel: string): Promise<Thread[]> {
  const runs = [await findLastDigest(db, channel), await findOpenRun(db, channel)];
  const ids = new Set(runs.flatMap((run) => run?.id ?? []));
  const threads: Thread[] = [];
  for (const run of ids) {
    const ts = await findPostedTs(db, digestKey(run));
    if (ts !== undefined) threads.push({ run, ts });
  }
  return threads;
}

/** @returns how many messages the database now knows as told of */
async function adoptThread(
  tx: Tx,
  { clock, settings }: Context,
  channel: string,
  thread: Thread & { replies: OwnPost[]; dueAt: number | null },
): Promise<number> {
  const { run, ts, post, replies, dueAt } = thread;
  const { taxonomy, taxonomyVersion, model } = settings;
  if (post) {
    const postedAt = tsToMs(ts);
    const isInTime = dueAt !== null && postedAt >= dueAt - POST_AHEAD_MS;
    // Its run was under way: it goes on, and its post becomes the summary.
    const goesOn = isReceipt(post) && !(await findOpenRun(tx, channel));
    const facts = { channel, postedAt, taxonomyVersion, model, goesOn, now: clock.now() };
    await adoptRun(tx, run, { ...facts, dueAt: isInTime && !goesOn ? dueAt : null });
    await adoptPosts(tx, channel, [post], null);
  }
  await adoptPosts(tx, channel, replies, digestKey(run));
  const nameOf = await readNames(tx);
  const facts = { channel, run, taxonomy, taxonomyVersion, nameOf, now: clock.now() };
  return adoptTold(tx, readTold(replies), facts);
}

/** Only the post of a run that is under way has this button. */
const isReceipt = ({ blocks }: OwnPost) =>
  JSON.stringify(blocks).includes(`"action_id":"${ACTIONS.cancel}"`);
