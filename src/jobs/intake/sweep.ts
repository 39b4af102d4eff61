import { isSlackError } from '../../core/delivery/slack-errors.ts';
import { DAY_MS, MINUTE_MS } from '../../core/durations.ts';
import { interpretMessage, type SlackMessage } from '../../core/intake/message.ts';
import { laterTs, msToTs, tsToMs } from '../../core/timestamps.ts';
import {
  findArrival,
  listOwnChannels,
  readHistory,
  readThread,
  SlackReadError,
} from '../../slack/read.ts';
import {
  discoverChannel,
  findChannel,
  leaveChannel,
  listMemberChannels,
  setChannelSince,
  setChannelSwept,
} from '../../store/intake/channels.ts';
import { keepMessage, listMessagesBetween } from '../../store/intake/messages.ts';
import { findNewestReply, keepReply } from '../../store/intake/replies.ts';
import { type Deps, isWatched } from '../deps.ts';
import { syncReactions } from '../people/reactions.ts';
import { takeDeletion } from '../people/settle.ts';
import { commitEach } from '../slices.ts';

/**
 * Reads from history whatever no event has brought. Events can be missed: while the bot is down,
 * in the seconds of every reconnect, and now and then without a reason. Reading is idempotent, so
 * the sweep overlaps what events brought and may die anywhere: the next one starts where the last
 * one that came to its end has begun.
 */

/** Slack may show a message a little later than the one after it. */
const OVERLAP_MS = MINUTE_MS;

/** How far back the bot's own arrival is looked for in a channel that it finds itself in. */
const ARRIVAL_MS = 30 * DAY_MS;

/**
 * @param lookBackMs reads so far back again, for edits and deletions that no event has brought
 * @returns false when a channel could not be read: what was to be looked for in it still is
 */
export async function sweep(deps: Deps, { lookBackMs = 0 } = {}): Promise<boolean> {
  let complete = true;
  await discoverChannels(deps);
  for (const { id } of await listMemberChannels(deps.db)) {
    if (!isWatched(deps, id)) continue;
    try {
      await sweepChannel(deps, id, lookBackMs);
    } catch (error) {
      // One channel that cannot be read must not keep the others from being read.
      if (!(error instanceof SlackReadError)) throw error;
      if (!(await leaveIfGone(deps, id, error))) complete = false;
    }
  }
  return complete;
}

async function discoverChannels(deps: Deps): Promise<void> {
  const { db, slack, log } = deps;
  const found = (await listOwnChannels(slack)).filter(({ id }) => isWatched(deps, id));
  for (const { id, name } of found) await discoverChannel(db, id, name);
  const present = new Set(found.map(({ id }) => id));
  for (const { id } of await listMemberChannels(db)) {
    if (present.has(id)) continue;
    log.info({ channel: id }, 'no longer a member of a channel');
    await leaveChannel(db, id);
  }
}

/** @returns whether the channel cannot be read because the bot is no longer in it */
async function leaveIfGone(
  { db, log }: Deps,
  channel: string,
  error: SlackReadError,
): Promise<boolean> {
  log.warn({ channel, reason: error.message }, 'a channel could not be read');
  const gone = isSlackError(error.code, 'away');
  if (gone) await leaveChannel(db, channel);
  return gone;
}

async function sweepChannel(deps: Deps, channel: string, lookBackMs: number): Promise<void> {
  const { db, slack, clock, log } = deps;
  const since = await findSince(deps, channel);
  const row = await findChannel(db, channel);
  if (row?.state !== 'member') return;
  const swept = row.swept_ts ?? since;
  const back = msToTs(Math.min(tsToMs(swept) - OVERLAP_MS, clock.now() - lookBackMs));
  const oldest = laterTs(back, since);

  const begunAt = clock.now();
  // Younger messages than this may have reached us by an event and history not yet.
  const settled = msToTs(clock.now() - OVERLAP_MS);
  const present = new Set<string>();
  const threads: SlackMessage[] = [];
  let latest: string | undefined;
  let added = 0;
  for await (const page of readHistory(slack, channel, { oldest })) {
    latest ??= page[0]?.ts;
    for (const { ts } of page) present.add(ts);
    threads.push(...page.filter(({ reply_count }) => (reply_count ?? 0) > 0));
    added += await keepHistory(deps, channel, page, begunAt);
  }
  // What we have in this range and history has not, not even as a tombstone, has been deleted.
  const gone = (await listMessagesBetween(db, channel, oldest, settled)).filter(
    (ts) => !present.has(ts),
  );
  await commitEach(db, gone, (tx, ts) => takeDeletion(tx, deps, { channel, ts }));
  for (const thread of threads) await sweepThread(deps, channel, thread);
  if (latest) await setChannelSwept(db, channel, latest);
  if (added > 0 || gone.length > 0) {
    log.info({ channel, added, gone: gone.length }, 'history had what no event had brought');
  }
}

/** @returns how many of the messages were new */
async function keepHistory(
  deps: Deps,
  channel: string,
  messages: SlackMessage[],
  readAt: number,
): Promise<number> {
  const { db, clock, self } = deps;
  let added = 0;
  await commitEach(db, messages, async (tx, message) => {
    const intake = interpretMessage(channel, message, self);
    if (intake.kind === 'deleted') await takeDeletion(tx, deps, intake);
    if (intake.kind !== 'message') return;
    if ((await keepMessage(tx, intake.message, clock.now())) === 'new') added++;
    await syncReactions(tx, deps, channel, message, readAt);
  });
  return added;
}

/** From when on messages of a channel count; looked up once, when nobody told the bot. */
async function findSince(deps: Deps, channel: string): Promise<string> {
  const { db, slack, clock, self, log } = deps;
  const row = await findChannel(db, channel);
  if (row?.since_ts) return row.since_ts;
  // Read before, and no new arrival since then: it had only seemed to be left.
  const before = laterTs(row?.swept_ts ?? '', msToTs(clock.now() - ARRIVAL_MS));
  const arrival = await findArrival(slack, channel, self, before);
  const since = arrival ?? (row?.swept_ts ? before : msToTs(clock.now()));
  log.info({ channel, since, arrival: arrival !== undefined }, 'messages count from here on');
  await setChannelSince(db, channel, since);
  return since;
}

async function sweepThread(deps: Deps, channel: string, parent: SlackMessage): Promise<void> {
  const { db, slack, clock, self } = deps;
  const { ts, latest_reply: latestReply } = parent;
  // In a thread of our own, people's words are their own matter; their reactions on cards are not.
  if (parent.bot_id === self.botId) {
    const readAt = clock.now();
    for await (const page of readThread(slack, channel, ts, ts)) {
      await commitEach(db, page, (tx, post) => syncReactions(tx, deps, channel, post, readAt));
    }
    return;
  }
  const newest = await findNewestReply(db, channel, ts);
  if (newest && latestReply && newest >= latestReply) return;
  for await (const page of readThread(slack, channel, ts, newest ?? ts)) {
    await commitEach(db, page, async (tx, message) => {
      const intake = interpretMessage(channel, message, self);
      if (intake.kind === 'reply') await keepReply(tx, intake.reply, clock.now());
    });
  }
}
