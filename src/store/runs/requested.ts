import type { Lane } from '../../core/runs/lane.ts';
import type { Db, Tx } from '../db/tables.ts';

/** What Claude is shown of the messages of a batch. */

export interface RequestedMessage {
  ts: string;
  text: string;
  author: string | null;
  authorName: string | null;
  revision: number;
}

/**
 * The messages of a batch in the order of their requests, with their current texts.
 * @param only none but these
 */
export async function readRequestedMessages(
  db: Db | Tx,
  batch: number,
  only?: string[],
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
    .$if(only !== undefined, (query) => query.where('requests.ts', 'in', only ?? []))
    .orderBy('requests.ts')
    .execute();
}

/** The last replies of each thread among the batch's messages, oldest first. */
export async function readThreadContext(
  db: Db | Tx,
  batch: number,
  perThread: number,
  only?: string[],
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
    .$if(only !== undefined, (query) => query.where('requests.ts', 'in', only ?? []))
    .where('replies.deleted_at', 'is', null)
    .where('replies.forgotten', 'is', null)
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

/** How many requests of a run are in a lane, or in a batch, counted up to `most`: together they share a prompt. */
export async function countSharing(
  tx: Tx,
  of: { run: number; lane: Lane } | { batch: number },
  most: number,
): Promise<number> {
  const requests = tx.selectFrom('requests').select('requests.ts').limit(most);
  const some =
    'batch' in of
      ? requests.where('batch', '=', of.batch)
      : requests
          .innerJoin('batches', 'batches.id', 'requests.batch')
          .where('batches.run', '=', of.run)
          .where('batches.lane', '=', of.lane);
  return (await some.execute()).length;
}
