import { type Range, type Unread, without } from '../../../core/intake/ranges.ts';
import { type MessagePage, notWhole } from '../../../slack/history.ts';
import type { Tx } from '../../../store/db/tables.ts';
import type { Context } from '../../context.ts';
import { applyDeletion } from '../store-message.ts';
import type { Turns } from './turns.ts';

/** A message that has been deleted; undefined: a turn is over. */
export type Gone = string | undefined;

/** How a range of a channel's history, or of a thread, is read. */
interface Reader {
  method: string;
  channel: string;
  pages: AsyncGenerator<MessagePage>;
  /** What is stored of the range. */
  stored: string[];
  /** @param readAt when the page was asked for, in ms since 1970 */
  store(page: MessagePage, readAt: number): Promise<void>;
  /** Yields a turn before each call, and those of the messages that are missing that have been deleted. */
  findGone(missing: string[], present: Set<string>, readAt: number): AsyncGenerator<Gone>;
  /** Commits what is left to read after a page. */
  commit(tx: Tx, left: Unread[], page: MessagePage): Promise<void>;
}

/**
 * Reads a range page by page. Once a page is stored, its part of the range is no longer unread. What is missing from it
 * is looked up before that, so nothing about a page has to be remembered.
 * @param left what has to be read, with this range
 * @returns what is left without it
 * @throws SlackReadError also when Slack does not show all of the range
 */
export async function* readRange(
  context: Context,
  left: Unread[],
  reader: Reader,
): Turns<Unread[]> {
  const { db, clock } = context;
  const { method, channel, pages } = reader;
  const present = new Set<string>();
  let { stored } = reader;
  let rest = left;
  for (;;) {
    const readAt = clock.now();
    const { value: page, done } = await pages.next();
    if (done) throw notWhole(method);
    for (const ts of page.present) present.add(ts);
    await reader.store(page, readAt);
    const { known } = page;
    const missing = stored.filter((ts) => known && isIn(known, ts) && !present.has(ts));
    // Each by itself: the process may end before all of them are looked up.
    for await (const ts of reader.findGone(missing, present, readAt)) {
      if (ts === undefined) yield;
      else await db.transaction().execute((tx) => applyDeletion(tx, context, { channel, ts }));
    }
    if (known) {
      stored = stored.filter((ts) => !isIn(known, ts));
      rest = without(rest, known);
    }
    await db.transaction().execute((tx) => reader.commit(tx, rest, page));
    yield;
    if (page.whole) return rest;
  }
}

const isIn = ({ oldest, latest }: Range, ts: string) => oldest <= ts && ts <= latest;
