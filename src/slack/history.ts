import { z } from 'zod';
import { type Self, type SlackMessage, slackMessageSchema } from '../core/intake/message.ts';
import type { Range } from '../core/intake/ranges.ts';
import { stepTs } from '../core/timestamps.ts';
import type { Slack } from './client.ts';
import { pageOf, paginateRange, timestampsOf } from './paginate.ts';
import { read, SlackReadError } from './read.ts';

/** Reads messages of a channel and of its threads. */

/** A page of messages. */
export interface MessagePage {
  /** In no particular order. Messages in an unknown form are left out. */
  messages: SlackMessage[];
  /** The timestamps of all messages, also in an unknown form. */
  present: string[];
  /** A part of the range of which everything is on this page or those before it. */
  known: Range | undefined;
  /** With this page, everything in the range has been read. */
  whole: boolean;
}

const messagesSchema = pageOf({
  messages: z.array(z.looseObject({ ts: z.string().catch('') }).catch({ ts: '' })),
});

/** Slack allows 999. Smaller pages keep each answer, and the commit after it, short. */
const PAGE_SIZE = 200;

/** Before every message. */
const BEGINNING = '0000000000.000000';

/** Yields pages of a channel's history. @throws SlackReadError */
export function readHistory(
  slack: Slack,
  channel: string,
  range: Range,
): AsyncGenerator<MessagePage> {
  return readMessages(slack, 'conversations.history', { channel }, range);
}

/** Yields pages of the replies in a thread; the parent may be on any of them. @throws SlackReadError */
export function readThread(
  slack: Slack,
  channel: string,
  threadTs: string,
  range: Range,
): AsyncGenerator<MessagePage> {
  return readMessages(slack, 'conversations.replies', { channel, ts: threadTs }, range);
}

async function* readMessages(
  slack: Slack,
  method: string,
  where: { channel: string; ts?: string },
  range: Range,
): AsyncGenerator<MessagePage> {
  const pages = paginateRange(
    range,
    (args) => read(slack, method, { ...where, ...args, limit: PAGE_SIZE }, messagesSchema),
    // The parent comes again on each page of a thread.
    (page) => ({ page, timestamps: timestampsOf(page.messages).filter((ts) => ts !== where.ts) }),
  );
  for await (const { answer, known, whole } of pages) {
    yield {
      messages: answer.messages.flatMap((message) => {
        const parsed = slackMessageSchema.safeParse(message);
        return parsed.success ? [parsed.data] : [];
      }),
      present: answer.messages.map(({ ts }) => ts),
      known,
      whole,
    };
  }
}

/** All pages in one. */
export async function collectPages(pages: AsyncIterable<MessagePage>): Promise<MessagePage> {
  const all: MessagePage = { messages: [], present: [], known: undefined, whole: false };
  for await (const { messages, present, known, whole } of pages) {
    all.messages.push(...messages);
    all.present.push(...present);
    all.known = known;
    all.whole = whole;
  }
  return all;
}

/** Whether a channel's history has anything older than a message. @throws SlackReadError */
export async function hasOlder(slack: Slack, channel: string, ts: string): Promise<boolean> {
  const range = { oldest: BEGINNING, latest: stepTs(ts, -1) };
  for await (const { present } of readHistory(slack, channel, range)) {
    if (present.length > 0) return true;
  }
  return false;
}

/**
 * Finds the bot's latest join message in a channel. Yields after each call but the last.
 * @returns its ts; undefined if there is none in the range, for instance because the workspace hides
 * such messages
 * @throws SlackReadError also when the range cannot be read whole
 */
export async function* findArrival(
  slack: Slack,
  channel: string,
  self: Self,
  range: Range,
): AsyncGenerator<undefined, string | undefined> {
  const arrivals: string[] = [];
  // Page by page: the messages of a month would be too much to keep in memory.
  for await (const { messages, known, whole } of readHistory(slack, channel, range)) {
    const joins = messages.filter(
      ({ subtype, user }) =>
        (subtype === 'channel_join' || subtype === 'group_join') && user === self.userId,
    );
    arrivals.push(...joins.map(({ ts }) => ts));
    // Once everything after an arrival is known, it is the latest.
    const isLatest = arrivals.length > 0 && known?.latest === range.latest;
    if (whole || isLatest) return arrivals.toSorted().at(-1);
    yield;
  }
  throw notWhole('conversations.history');
}

/** Slack did not show everything, so nothing follows from what is missing. */
export const notWhole = (method: string) =>
  new SlackReadError(method, { kind: 'unclear', reason: 'the pages are not complete' });
