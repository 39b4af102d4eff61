import type { IncomingMessage } from '../../core/intake/message.ts';
import type { Db, Tx } from '../db/tables.ts';
import { readMessage, upsertMessage } from './messages.ts';
import { ensureUsers } from './users.ts';

/**
 * Upserts a reply in a thread. It is context of its message, and feedback only if a person adds it.
 */
export async function upsertReply(
  tx: Tx,
  reply: IncomingMessage & { threadTs: string },
  now: number,
): Promise<void> {
  const added = await readMessage(tx, reply.channel, reply.ts);
  if (added && !added.deleted) await upsertMessage(tx, reply, now);
  await tx
    .insertInto('replies')
    .values((eb) => ({
      channel: reply.channel,
      ts: reply.ts,
      thread_ts: reply.threadTs,
      author: reply.author,
      author_name: reply.authorName,
      text: reply.text,
      edited_ts: reply.editedTs,
      // A deletion that came first could not tell that it was a reply.
      deleted_at: eb
        .selectFrom('messages')
        .select('messages.deleted_at')
        .where('messages.channel', '=', reply.channel)
        .where('messages.ts', '=', reply.ts),
    }))
    .onConflict((conflict) =>
      conflict
        .columns(['channel', 'ts'])
        .doUpdateSet({ text: reply.text, edited_ts: reply.editedTs })
        .where((eb) =>
          eb.or([
            eb('replies.edited_ts', 'is', null),
            eb('replies.edited_ts', '<=', reply.editedTs ?? ''),
          ]),
        ),
    )
    .execute();
  await ensureUsers(tx, reply);
}

/** The newest stored reply of a thread; undefined when there is none. */
export async function findNewestReply(
  db: Db,
  channel: string,
  threadTs: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('replies')
    .select('ts')
    .where('channel', '=', channel)
    .where('thread_ts', '=', threadTs)
    .orderBy('ts', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.ts;
}
