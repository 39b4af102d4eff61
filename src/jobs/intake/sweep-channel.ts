import { DAY_MS, MINUTE_MS } from '../../core/durations.ts';
import { interpretMessage, type SlackMessage } from '../../core/intake/message.ts';
import { laterTs, msToTs, TS_PATTERN, tsToMs } from '../../core/timestamps.ts';
import { collectPages, findArrival, hasOlder, notWhole, readHistory } from '../../slack/history.ts';
import { findChannel, setChannelSince, setChannelSwept } from '../../store/intake/channels.ts';
import { listMessagesSince } from '../../store/intake/messages.ts';
import type { Context } from '../context.ts';
import { syncReactions } from '../people/reactions.ts';
import { commitEach } from '../slices.ts';
import type { Found } from './connection.ts';
import { applyDeletion, storeMessage } from './store-message.ts';
import { type Parent, sweepThreads } from './sweep-threads.ts';

/**
 * Reads the history of one channel. What is missing from it need not be deleted: pages may be
 * cut short, history may lag, and a workspace may remove what is old. So a message counts as deleted
 * only if the range was read whole, Slack does not know the message by its timestamp either, and
 * history has older ones. What shows up again is revived.
 */

/** Slack may show a message a little later than the one after it. */
const OVERLAP_MS = MINUTE_MS;

/** How far back to look for the bot's arrival in a channel that it is found to be in. */
const ARRIVAL_MS = 30 * DAY_MS;

/** How far back to look for edits and deletions that came while no events arrived. */
export const LOOK_BACK_MS = { start: 3 * DAY_MS, reconnected: 10 * MINUTE_MS };

/** Slack's clock may be ahead of ours. */
const SKEW_MS = DAY_MS;

/**
 * @returns the messages and replies that were new
 * @throws SlackReadError also when history cannot be read whole: the next sweep reads it again
 */
export async function sweepChannel(
  context: Context,
  channel: string,
  { lookBackMs, signal }: { lookBackMs: number; signal: AbortSignal },
): Promise<Found[]> {
  signal.throwIfAborted();
  const { db, slack, clock, log } = context;
  const since = await findSince(context, channel);
  const row = await findChannel(db, channel);
  if (row?.state !== 'member') return [];
  const begunAt = clock.now();
  const swept = row.swept_ts ?? since;
  // The clock was ahead when this was stored: nobody knows up to where history was read.
  const isAhead = tsToMs(swept) > begunAt;
  const backMs = isAhead ? Math.max(lookBackMs, LOOK_BACK_MS.start) : lookBackMs;
  const back = msToTs(Math.min(tsToMs(swept) - OVERLAP_MS, begunAt - backMs));
  const range = { oldest: laterTs(back, since), latest: msToTs(begunAt + SKEW_MS) };

  const known = await listMessagesSince(db, channel, range.oldest);
  const present = new Set<string>();
  const parents: Parent[] = [];
  let whole = false;
  const added: Found[] = [];
  for await (const page of readHistory(slack, channel, range)) {
    for (const ts of page.present) present.add(ts);
    parents.push(
      // The whole messages of a month would be too much to keep in memory.
      ...page.messages.map(({ ts, bot_id, reply_count, latest_reply }) => {
        return { ts, bot_id, reply_count, latest_reply };
      }),
    );
    added.push(...(await storeHistory(context, channel, page.messages, begunAt)));
    whole = page.whole;
  }
  const missing = whole ? known.filter((ts) => ts <= range.latest && !present.has(ts)) : [];
  const gone = await findGone(context, channel, { missing, present, begunAt, signal });
  await commitEach(db, gone, (tx, ts) => applyDeletion(tx, context, { channel, ts }));
  const replies = await sweepThreads(context, channel, parents, {
    oldest: range.oldest,
    all: lookBackMs > 0,
    signal,
  });
  if (added.length > 0 || gone.length > 0) {
    const counts = { added: added.length, gone: gone.length };
    log.info({ channel, ...counts }, 'history had what no event had brought');
  }
  if (!whole) throw notWhole('conversations.history');
  const newest = [...present]
    .filter((ts) => TS_PATTERN.test(ts))
    .reduce((one, other) => laterTs(one, other), since);
  // A message from the future must not hide what comes before it.
  const to = newest > msToTs(begunAt) ? msToTs(begunAt) : newest;
  if (to > swept || isAhead) await setChannelSwept(db, channel, { from: row.swept_ts, to });
  return [...added, ...replies];
}

/** @returns those of the messages that were new */
async function storeHistory(
  context: Context,
  channel: string,
  messages: SlackMessage[],
  readAt: number,
): Promise<Found[]> {
  const {
    db,
    workspace: { self },
  } = context;
  const added: Found[] = [];
  await commitEach(db, messages, async (tx, message) => {
    const intake = interpretMessage(channel, message, self);
    if (intake.kind === 'deleted') await applyDeletion(tx, context, intake);
    if (intake.kind !== 'message') return;
    const { ts } = message;
    if ((await storeMessage(tx, context, intake.message, { seenAt: readAt })) === 'new') {
      added.push({ channel, ts, postedAt: tsToMs(ts) });
    }
    await syncReactions(tx, context, channel, message, readAt);
  });
  return added;
}

/** Which of the messages that are missing from history have been deleted. */
async function findGone(
  context: Context,
  channel: string,
  {
    missing,
    present,
    begunAt,
    signal,
  }: { missing: string[]; present: Set<string>; begunAt: number; signal: AbortSignal },
): Promise<string[]> {
  const { slack } = context;
  const [first] = [...present].filter((ts) => TS_PATTERN.test(ts)).toSorted();
  const isFollowing = (ts: string) => first !== undefined && first < ts;
  const [oldest = ''] = missing.toSorted();
  const gone: string[] = [];
  // Whether history begins after them: then retention has removed them, and nobody has.
  let kept: boolean | undefined;
  for (const ts of missing) {
    signal.throwIfAborted();
    if (kept && !isFollowing(ts)) continue;
    const found = await collectPages(readHistory(slack, channel, { oldest: ts, latest: ts }));
    if (!found.whole || found.present.length > 0) {
      await storeHistory(context, channel, found.messages, begunAt);
      continue;
    }
    if (!isFollowing(ts)) kept ??= !(await hasOlder(slack, channel, oldest));
    if (isFollowing(ts) || !kept) gone.push(ts);
  }
  return gone;
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
  const latest = msToTs(clock.now() + SKEW_MS);
  const arrival = await findArrival(slack, channel, self, { oldest: before, latest });
  const since = arrival ?? (row?.swept_ts ? before : msToTs(clock.now()));
  await setChannelSince(db, channel, since);
  log.info({ channel, since, arrival: arrival !== undefined }, 'messages count from here on');
  return since;
}
