import { msToTs } from '../../core/timestamps.ts';
import type { Db, Tx } from '../db/tables.ts';
import type { Asked } from './forgettings.ts';

/** What an act of forgetting is about and has not reached yet. */

type What = Pick<Asked, 'kind' | 'channel' | 'ts' | 'person' | 'name' | 'by_name' | 'before'>;

/** The messages; those that integrations have posted again count as the message that they repeat. */
export function selectMessagesToForget(db: Db | Tx, what: What) {
  const messages = db.selectFrom('messages').where('messages.forgotten', 'is', null);
  const { kind, channel, ts, person, name, by_name, before } = what;
  switch (kind) {
    case 'message':
      return messages.where('messages.channel', '=', channel).where('messages.ts', 'in', (eb) => {
        const copies = eb
          .selectFrom('messages as copies')
          .select('copies.ts')
          .where('copies.channel', '=', channel);
        return copies.where('copies.ts', '=', ts).union(copies.where('copies.copy_of', '=', ts));
      });
    case 'person':
      return messages
        .where((eb) =>
          eb.or([
            eb('messages.author', '=', person),
            eb('messages.reporter', '=', person),
            ...(name === null || by_name === 0
              ? []
              : [eb('messages.reporter', '=', name.toLowerCase())]),
          ]),
        )
        .where('messages.posted_at', '<', before);
    case 'deleted':
      return messages.where('messages.deleted_at', '<=', before);
    case 'old':
      return messages.where('messages.posted_at', '<', before);
    default:
      return kind satisfies never;
  }
}

/** The replies, besides those in the threads of the messages. */
export function selectRepliesToForget(db: Db | Tx, what: What) {
  const replies = db.selectFrom('replies').where('replies.forgotten', 'is', null);
  const { kind, channel, ts, person, before } = what;
  switch (kind) {
    case 'message':
      return replies.where('replies.channel', '=', channel).where('replies.ts', '=', ts);
    case 'person':
      return replies.where('replies.author', '=', person).where('replies.ts', '<', msToTs(before));
    case 'deleted':
      return replies.where('replies.deleted_at', '<=', before);
    case 'old':
      return replies.where('replies.ts', '<', msToTs(before));
    default:
      return kind satisfies never;
  }
}

export interface Reach {
  messages: number;
  replies: number;
  /** Replies in the threads of the messages, without those of the person. */
  inThreads: number;
  /** How many of the messages were posted by integrations under the person's name. */
  byName: number;
}

/** How much an act would forget. */
export async function measureReach(db: Db, what: What): Promise<Reach> {
  const count = async (which: What) => {
    const { messages } = await selectMessagesToForget(db, which)
      .select((eb) => eb.fn.countAll<number>().as('messages'))
      .executeTakeFirstOrThrow();
    return messages;
  };
  const messages = await count(what);
  const { replies } = await selectRepliesToForget(db, what)
    .select((eb) => eb.fn.countAll<number>().as('replies'))
    .executeTakeFirstOrThrow();
  const byName = what.by_name === 0 ? 0 : messages - (await count({ ...what, by_name: 0 }));
  return { messages, replies, inThreads: await countInThreads(db, what), byName };
}

async function countInThreads(db: Db, what: What): Promise<number> {
  const { replies } = await db
    .selectFrom(selectMessagesToForget(db, what).select(['channel', 'ts']).as('gone'))
    .innerJoin('replies', (join) =>
      join.onRef('replies.channel', '=', 'gone.channel').onRef('replies.thread_ts', '=', 'gone.ts'),
    )
    .where('replies.forgotten', 'is', null)
    .where('replies.text', '!=', '')
    .$if(what.person !== null, (others) =>
      others.where('replies.author', 'is distinct from', what.person),
    )
    .select((eb) => eb.fn.countAll<number>().as('replies'))
    .executeTakeFirstOrThrow();
  return replies;
}

/** The messages and replies that were deleted first and are still here, and the oldest messages; in ms. */
export async function findEarliest(
  db: Db,
): Promise<{ deleted: number | null; posted: number | null }> {
  const deleted = await Promise.all(
    (['messages', 'replies'] as const).map((table) =>
      db
        .selectFrom(table)
        .select((eb) => eb.fn.min<number | null>('deleted_at').as('at'))
        .where('forgotten', 'is', null)
        .where('deleted_at', 'is not', null)
        .executeTakeFirst(),
    ),
  );
  const posted = await db
    .selectFrom('messages')
    .select((eb) => eb.fn.min<number | null>('posted_at').as('at'))
    .where('forgotten', 'is', null)
    .executeTakeFirst();
  const times = deleted.flatMap((row) => row?.at ?? []);
  return { deleted: times.length === 0 ? null : Math.min(...times), posted: posted?.at ?? null };
}

/** Those of these messages that are forgotten. */
export async function listForgotten(tx: Tx, channel: string, ts: string[]): Promise<Set<string>> {
  const rows = await tx
    .selectFrom('messages')
    .select('ts')
    .where('channel', '=', channel)
    .where('ts', 'in', ts)
    .where('forgotten', 'is not', null)
    .execute();
  return new Set(rows.map((row) => row.ts));
}

/** Whether a message or a reply is forgotten. */
export async function isForgotten(db: Db, channel: string, ts: string): Promise<boolean> {
  for (const table of ['messages', 'replies'] as const) {
    const row = await db
      .selectFrom(table)
      .select('forgotten')
      .where('channel', '=', channel)
      .where('ts', '=', ts)
      .executeTakeFirst();
    if (row) return row.forgotten !== null;
  }
  return false;
}
