import type { Db, Tx } from '../db/tables.ts';

/** What Claude is shown of the messages of a batch. */

export interface RequestedMessage {
  ts: string;
  text: string;
  author: string | null;
  authorName: string | null;
  revision: number;
}

/** The messages of a batch in the order of their requests, with their current texts. */
export async function readRequestedMessages(
  db: Db | Tx,
  batch: number,
): Promise<RequestedMessage[]> {
  return db
    .selectFrom('requests')
    .innerJoin('messages', (join) =>
      join
        .onRef('messages.channel', '=', 'requests.channel')
        .onRef('messages.ts', '=', 'requests.ts'),
    )
    .select([
      'messages.ts',
      'messages.text',
      'messages.author',
      'messages.author_name as authorName',
      'messages.revision',
    ])
    .where('requests.batch', '=', batch)
    .orderBy('requests.ts')
    .execute();
}

/** The last replies of each thread among the batch's messages, oldest first. */
export async function readThreadContext(
  db: Db | Tx,
  batch: number,
  perThread: number,
): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('requests')
    .innerJoin('replies', (join) =>
      join
        .onRef('replies.channel', '=', 'requests.channel')
        .onRef('replies.thread_ts', '=', 'requests.ts'),
    )
    .select(['replies.thread_ts', 'replies.text'])
    .where('requests.batch', '=', batch)
    .where('replies.deleted_at', 'is', null)
    .orderBy('replies.ts')
    .execute();
  const threads = new Map<string, string[]>();
  for (const { thread_ts, text } of rows) {
    const replies = threads.get(thread_ts) ?? [];
    replies.push(text);
    threads.set(thread_ts, replies.slice(-perThread));
  }
  return threads;
}
