import type { Unread } from '../../core/intake/ranges.ts';
import type { Db, Tx } from '../db/tables.ts';

/**
 * What has still to be read of the channels and their threads. A range leaves the table once it has been read, so that
 * reading goes on where it was.
 */

export interface Place {
  channel: string;
  /** The parent of a thread; null: the history of the channel. */
  threadTs: string | null;
}

export interface UnreadThread {
  channel: string;
  threadTs: string;
  /** It is a thread of the bot. */
  own: number;
}

export function listUnread(db: Db | Tx, { channel, threadTs }: Place): Promise<Unread[]> {
  return db
    .selectFrom('unread')
    .select(['oldest', 'latest', 'look_back', 'asked_at'])
    .where('channel', '=', channel)
    .where('thread_ts', '=', threadTs ?? '')
    .orderBy('oldest')
    .execute();
}

/** Replaces what has to be read of a place, and leaves alone what is as it was. */
export async function setUnread(
  tx: Tx,
  place: Place,
  ranges: Unread[],
  own: number = 0,
): Promise<void> {
  const { channel, threadTs } = place;
  const keyOf = ({ oldest, latest, look_back, asked_at }: Unread) =>
    [oldest, latest, look_back, asked_at].join(' ');
  const before = await listUnread(tx, place);
  const kept = new Set(ranges.map(keyOf));
  for (const { oldest } of before.filter((range) => !kept.has(keyOf(range)))) {
    await tx
      .deleteFrom('unread')
      .where('channel', '=', channel)
      .where('thread_ts', '=', threadTs ?? '')
      .where('oldest', '=', oldest)
      .execute();
  }
  const known = new Set(before.map(keyOf));
  const added = ranges.filter((range) => !known.has(keyOf(range)));
  for (const { oldest, latest, look_back, asked_at } of added) {
    await tx
      .insertInto('unread')
      .values({ channel, thread_ts: threadTs ?? '', oldest, latest, look_back, own, asked_at })
      .execute();
  }
}

/** The threads of a channel that have to be read: what is new in them first, then in the order of the asking. */
export function listUnreadThreads(
  db: Db | Tx,
  channel: string,
): Promise<(UnreadThread & { look_back: number })[]> {
  return db
    .selectFrom('unread')
    .select(['channel', 'thread_ts as threadTs', 'own', 'look_back'])
    .where('channel', '=', channel)
    .where('thread_ts', '>', '')
    .orderBy('look_back')
    .orderBy('asked_at')
    .orderBy('thread_ts', 'desc')
    .orderBy('oldest')
    .execute();
}

/** Lets the other threads of its channel go first. */
export async function postponeThread(db: Db, thread: UnreadThread, now: number): Promise<void> {
  await db
    .updateTable('unread')
    .set({ asked_at: now })
    .where('channel', '=', thread.channel)
    .where('thread_ts', '=', thread.threadTs)
    .execute();
}

/** The oldest message that has never been read; undefined: nothing is missing. */
export async function findOldestMissed(db: Db, channel: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('unread')
    .select('oldest')
    .where('channel', '=', channel)
    .where('thread_ts', '=', '')
    .where('look_back', '=', 0)
    .orderBy('oldest')
    .executeTakeFirst();
  return row?.oldest;
}
