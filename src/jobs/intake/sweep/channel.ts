import { DAY_MS, MINUTE_MS } from '../../../core/durations.ts';
import {
  addLookBack,
  addUnread,
  nextToRead,
  type Range,
  startingAt,
  type Unread,
} from '../../../core/intake/ranges.ts';
import { laterTs, msToTs, TS_PATTERN, tsToMs } from '../../../core/timestamps.ts';
import { findArrival, type MessagePage, readHistory } from '../../../slack/history.ts';
import type { Tx } from '../../../store/db/tables.ts';
import { findChannel, setChannelSince, setChannelSwept } from '../../../store/intake/channels.ts';
import { listMessagesBetween } from '../../../store/intake/ranges.ts';
import { findOldestMissed, listUnread, setUnread } from '../../../store/intake/unread.ts';
import type { Context } from '../../context.ts';
import { noteOwnPosts } from '../../delivery/adopt.ts';
import { findGone, storeHistory } from './history.ts';
import { readRange } from './read-range.ts';
import { askForThreads } from './threads.ts';
import type { Reading, Turns } from './turns.ts';

/**
 * Reads the history of one channel: first what is new, then what an earlier sweep has left, then what is read again
 * for edits and deletions. Each page is committed with what is left to read after it, and the next sweep goes on there.
 */

/** Slack may show a message a little later than the one after it. */
const OVERLAP_MS = MINUTE_MS;

/** How far back to look for the bot's arrival in a channel that it is found to be in. */
const ARRIVAL_MS = 30 * DAY_MS;

/** How far back to look for edits and deletions that came while no events arrived. */
export const LOOK_BACK_MS = { start: 3 * DAY_MS, reconnected: 10 * MINUTE_MS };

/** Slack's clock may be ahead of ours. */
const SKEW_MS = DAY_MS;

const placeOf = (channel: string) => ({ channel, threadTs: null });

/** Asks for the messages of the last time to be read again. */
export async function askForLookBack(
  { db, clock }: Context,
  channel: string,
  ms: number,
): Promise<void> {
  const row = await findChannel(db, channel);
  // A channel that has not been read yet is read whole.
  if (!row?.since_ts || !row.swept_ts || ms === 0) return;
  const since = row.since_ts;
  const now = clock.now();
  const range = { oldest: laterTs(msToTs(now - ms), since), latest: row.swept_ts };
  if (range.oldest >= range.latest) return;
  await db.transaction().execute(async (tx) => {
    const before = startingAt(await listUnread(tx, placeOf(channel)), since);
    await setUnread(tx, placeOf(channel), addLookBack(before, range, now));
  });
}

/** @throws SlackReadError also when history cannot be read whole: the next sweep reads the rest */
export async function* readChannel(reading: Reading): Turns {
  const { context, channel } = reading;
  const { db, clock, threadsRead } = context;
  const since = yield* findSince(context, channel);
  const row = await findChannel(db, channel);
  if (row?.state !== 'member') return;
  const begunAt = clock.now();
  const swept = row.swept_ts ?? since;
  // The clock was ahead when this was stored: nobody knows up to where history was read.
  const isAhead = tsToMs(swept) > begunAt;
  const isSettled = (row.swept_at ?? 0) >= tsToMs(swept) + OVERLAP_MS;
  const from = isAhead
    ? msToTs(begunAt - LOOK_BACK_MS.start)
    : isSettled
      ? swept
      : msToTs(tsToMs(swept) - OVERLAP_MS);
  const latest = msToTs(begunAt + SKEW_MS);
  const before = startingAt(await listUnread(db, placeOf(channel)), since);
  let left = addUnread(before, { oldest: laterTs(from, since), latest }, begunAt);
  const stored = row.swept_ts;
  const top: Top = { latest, begunAt, isAhead, isSettled, newest: since, swept, stored };
  for (let range = nextToRead(left); range; range = nextToRead(left)) {
    left = yield* readPart(reading, range, left, top);
  }
  threadsRead.forgetOthers(channel, reading.parents);
}

/** Up to where the history of a channel has been read. */
interface Top {
  /** The end of what is new. */
  latest: string;
  begunAt: number;
  isAhead: boolean;
  /** No message before it is still to come. */
  isSettled: boolean;
  /** The newest message that was read. */
  newest: string;
  swept: string;
  /** As it is stored. */
  stored: string | null;
}

/** @returns what is left to read */
async function* readPart(
  reading: Reading,
  range: Range,
  left: Unread[],
  top: Top,
): Turns<Unread[]> {
  const { context, channel, counts, found } = reading;
  const { db, slack } = context;
  const again = left.filter(({ look_back }) => look_back === 1);
  const isAgain = (ts: string) =>
    reading.lookBack || again.some(({ oldest, latest }) => oldest <= ts && ts <= latest);
  return yield* readRange(context, left, {
    method: 'conversations.history',
    channel,
    pages: readHistory(slack, channel, range),
    stored: await listMessagesBetween(db, channel, range),
    async store(page, readAt) {
      const added = await storeHistory(context, channel, page.messages, readAt);
      found.push(...added);
      counts.added += added.length;
    },
    async *findGone(missing, present, readAt) {
      for await (const ts of findGone(context, channel, { missing, present, readAt })) {
        if (ts !== undefined) counts.gone++;
        yield ts;
      }
    },
    async commit(tx, rest, page) {
      await setUnread(tx, placeOf(channel), rest);
      await askForThreads(tx, reading, page.messages, isAgain);
      await noteOwnPosts(tx, context, { channel, messages: page.messages, left: rest });
      if (range.latest >= top.latest) await raiseTop(tx, channel, top, page);
    },
  });
}

/** What comes before the newest message that was read is read, or stored as unread. */
async function raiseTop(tx: Tx, channel: string, top: Top, page: MessagePage): Promise<void> {
  top.newest = page.present.filter((ts) => TS_PATTERN.test(ts)).reduce(laterTs, top.newest);
  const now = msToTs(top.begunAt);
  // A message from the future must not hide what comes before it.
  const to = top.newest > now ? now : top.newest;
  const isSettled = top.begunAt >= tsToMs(to) + OVERLAP_MS;
  if (to <= top.swept && !top.isAhead && isSettled <= top.isSettled) return;
  await setChannelSwept(tx, channel, { from: top.stored, to, at: top.begunAt });
  Object.assign(top, { swept: to, stored: to, isAhead: false, isSettled });
}

/** Since when messages of a channel count; looked up once, when no event said so. */
async function* findSince(context: Context, channel: string): Turns<string> {
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
  const unread = (await findOldestMissed(db, channel)) ?? '';
  const read = row?.swept_ts ?? '';
  const before = laterTs(
    unread !== '' && unread < read ? unread : read,
    msToTs(clock.now() - ARRIVAL_MS),
  );
  const latest = msToTs(clock.now() + SKEW_MS);
  const arrival = yield* findArrival(slack, channel, self, { oldest: before, latest });
  yield;
  const since = arrival ?? (row?.swept_ts ? before : msToTs(clock.now()));
  await setChannelSince(db, channel, since);
  log.info({ channel, since, arrival: arrival !== undefined }, 'messages count from here on');
  return since;
}
