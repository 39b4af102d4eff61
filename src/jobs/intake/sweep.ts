import { isSlackError } from '../../core/delivery/slack-errors.ts';
import { DAY_MS, MINUTE_MS } from '../../core/durations.ts';
import { interpretMessage, type SlackMessage } from '../../core/intake/message.ts';
import { laterTs, msToTs, tsToMs } from '../../core/timestamps.ts';
import {
  findArrival,
  isInHistory,
  readHistory,
  readThread,
  SlackReadError,
} from '../../slack/read.ts';
import {
  findChannel,
  leaveChannel,
  listMemberChannels,
  setChannelSince,
  setChannelSwept,
} from '../../store/intake/channels.ts';
import { listMessagesSince, upsertMessage } from '../../store/intake/messages.ts';
import { findNewestReply, upsertReply } from '../../store/intake/replies.ts';
import { type Context, isWatched, type NextAt } from '../context.ts';
import type { Unfinished, Wake } from '../job.ts';
import { applyDeletion } from '../people/apply-decision.ts';
import { syncReactions } from '../people/reactions.ts';
import { commitEach } from '../slices.ts';
import { moveStragglers } from './channel-ids.ts';
import { discoverChannels } from './discover.ts';

/**
 * Reads from history what no event brought. Events can be missed: while the bot is down, during
 * each reconnect, and now and then without a reason. Reading is idempotent, so a sweep may overlap
 * events and may die anywhere: the next one starts where the last complete one began.
 */

/** Slack may show a message a little later than the one after it. */
const OVERLAP_MS = MINUTE_MS;

/** How far back to look for the bot's arrival in a channel that it is found to be in. */
const ARRIVAL_MS = 30 * DAY_MS;

/** How far back to look for edits and deletions that came while no events arrived. */
const LOOK_BACK_MS = { start: 3 * DAY_MS, reconnected: 10 * MINUTE_MS };

/** The job: it looks further back after a start or a reconnect. */
export async function sweepRegularly(
  context: Context,
  { causes, emit }: Wake,
): Promise<NextAt | Unfinished> {
  const lookBackMs = causes.has('start')
    ? LOOK_BACK_MS.start
    : causes.has('reconnected')
      ? LOOK_BACK_MS.reconnected
      : 0;
  const complete = await sweep(context, { lookBackMs, onRead: () => emit('channel read') });
  // It may have been for a moment: it is tried again soon, once.
  const refusal = context.connection.takeNewRefusal();
  if (refusal) throw refusal;
  return complete ? null : { unfinished: true, nextAt: null };
}

/**
 * @param lookBackMs reads this far back again, for edits and deletions without an event
 * @param onRead is called after each channel that has been read
 * @returns false when a channel could not be read: it still has to be
 */
export async function sweep(
  context: Context,
  { lookBackMs = 0, onRead = () => {} }: { lookBackMs?: number; onRead?: () => void } = {},
): Promise<boolean> {
  const reading = context.catchUp.beginReading();
  let complete = true;
  await moveStragglers(context);
  await discoverChannels(context);
  for (const { id } of await listMemberChannels(context.db)) {
    if (!isWatched(context, id)) continue;
    try {
      await sweepChannel(context, id, lookBackMs);
      reading.channel(id);
      onRead();
    } catch (error) {
      // A channel that cannot be read must not keep the others from being read.
      if (!(error instanceof SlackReadError)) throw error;
      if (!(await leaveIfGone(context, id, error))) complete = false;
    }
  }
  if (complete) reading.everything();
  return complete;
}

/** @returns whether the channel cannot be read because the bot is no longer in it */
async function leaveIfGone(
  { db, log }: Context,
  channel: string,
  error: SlackReadError,
): Promise<boolean> {
  log.warn({ channel, reason: error.message }, 'a channel could not be read');
  const gone = isSlackError(error.code, 'away');
  if (gone) await leaveChannel(db, channel);
  return gone;
}

async function sweepChannel(context: Context, channel: string, lookBackMs: number): Promise<void> {
  const { db, slack, clock, log } = context;
  const since = await findSince(context, channel);
  const row = await findChannel(db, channel);
  if (row?.state !== 'member') return;
  const swept = row.swept_ts ?? since;
  const back = msToTs(Math.min(tsToMs(swept) - OVERLAP_MS, clock.now() - lookBackMs));
  const oldest = laterTs(back, since);

  const begunAt = clock.now();
  const known = await listMessagesSince(db, channel, oldest);
  const present = new Set<string>();
  const threads: SlackMessage[] = [];
  let latest: string | undefined;
  let added = 0;
  for await (const page of readHistory(slack, channel, { oldest })) {
    latest ??= page[0]?.ts;
    for (const { ts } of page) present.add(ts);
    threads.push(...page.filter(({ reply_count }) => (reply_count ?? 0) > 0));
    added += await storeHistory(context, channel, page, begunAt);
  }
  const gone: string[] = [];
  for (const ts of known) {
    // History may show a message later than its event. A message that is missing twice is deleted.
    if (!present.has(ts) && !(await isInHistory(slack, channel, ts))) gone.push(ts);
  }
  await commitEach(db, gone, (tx, ts) => applyDeletion(tx, context, { channel, ts }));
  for (const thread of threads) await sweepThread(context, channel, thread);
  if (latest) await setChannelSwept(db, channel, latest);
  if (added > 0 || gone.length > 0) {
    log.info({ channel, added, gone: gone.length }, 'history had what no event had brought');
  }
}

/** @returns how many of the messages were new */
async function storeHistory(
  context: Context,
  channel: string,
  messages: SlackMessage[],
  readAt: number,
): Promise<number> {
  const {
    db,
    clock,
    workspace: { self },
  } = context;
  let added = 0;
  await commitEach(db, messages, async (tx, message) => {
    const intake = interpretMessage(channel, message, self);
    if (intake.kind === 'deleted') await applyDeletion(tx, context, intake);
    if (intake.kind !== 'message') return;
    if ((await upsertMessage(tx, intake.message, clock.now())) === 'new') added++;
    await syncReactions(tx, context, channel, message, readAt);
  });
  return added;
}

/** Since when messages of a channel count; looked up once, when no event said so. */
async function findSince(context: Context, channel: string): Promise<string> {
  const {
    db,
    slack,
    clock,
    log,
    workspace: { self },
  } = context;
  const row = await findChannel(db, channel);
  if (row?.since_ts) return row.since_ts;
  // It was read before, and there is no new arrival: the bot had never left.
  const before = laterTs(row?.swept_ts ?? '', msToTs(clock.now() - ARRIVAL_MS));
  const arrival = await findArrival(slack, channel, self, before);
  const since = arrival ?? (row?.swept_ts ? before : msToTs(clock.now()));
  log.info({ channel, since, arrival: arrival !== undefined }, 'messages count from here on');
  await setChannelSince(db, channel, since);
  return since;
}

async function sweepThread(context: Context, channel: string, parent: SlackMessage): Promise<void> {
  const {
    db,
    slack,
    clock,
    workspace: { self },
  } = context;
  const { ts, latest_reply: latestReply } = parent;
  // In a thread of the bot, people's replies are their own; their reactions on cards count.
  if (parent.bot_id === self.botId) {
    const readAt = clock.now();
    for await (const page of readThread(slack, channel, ts, ts)) {
      await commitEach(db, page, (tx, post) => syncReactions(tx, context, channel, post, readAt));
    }
    return;
  }
  const newest = await findNewestReply(db, channel, ts);
  if (newest && latestReply && newest >= latestReply) return;
  for await (const page of readThread(slack, channel, ts, newest ?? ts)) {
    await commitEach(db, page, async (tx, message) => {
      const intake = interpretMessage(channel, message, self);
      if (intake.kind === 'reply') await upsertReply(tx, intake.reply, clock.now());
    });
  }
}
