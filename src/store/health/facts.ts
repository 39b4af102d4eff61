import { sql } from 'kysely';
import type { Lane } from '../../core/runs/lane.ts';
import type { TroubleCause } from '../../core/runs/trouble.ts';
import type { Db } from '../db/tables.ts';

/** What an operator watches. Each figure comes from an index, so that a scrape never holds up the bot. */

/** The states of messages that something is still to be done about, or that need a person. */
const UNJUDGED = ['pending', 'claimed', 'dead'] as const;

export interface HealthFacts {
  messages: Record<(typeof UNJUDGED)[number], number>;
  /** All verdicts that were ever made. */
  verdicts: number;
  openRuns: {
    lane: Lane;
    /** A live run lasts from one summary to the next. */
    cause: 'command' | 'schedule' | 'live';
    trouble: TroubleCause | null;
    createdAt: number;
  }[];
  /** Effects that wait, by lane of the outbox; the oldest was added then. */
  lanes: { lane: string; effects: number; oldestAt: number }[];
  deadEffects: number;
  holds: number;
  /** All that Claude has billed; 10⁻⁹ US dollars. Answers of a model without a known price count 0. */
  billed: { inputTokens: number; outputTokens: number; nanoUsd: number };
}

/** Messages that something is still to be done about, or that need a person. */
export async function countUnjudged(db: Db): Promise<HealthFacts['messages']> {
  const counts = await db
    .selectFrom('channels')
    // Crossed, so that SQLite looks the states up in each channel instead of reading all messages.
    .crossJoin('messages')
    .whereRef('messages.channel', '=', 'channels.id')
    .where('messages.state', 'in', UNJUDGED)
    .where('messages.deleted_at', 'is', null)
    .select((eb) => ['messages.state', eb.fn.countAll<number>().as('messages')])
    .groupBy('messages.state')
    .execute();
  const messages = { pending: 0, claimed: 0, dead: 0 };
  for (const { state, messages: number } of counts) {
    if (state in messages) messages[state as keyof typeof messages] = number;
  }
  return messages;
}

/** Why open runs cannot go on: one cause for each run that cannot. */
export async function listTroubles(db: Db): Promise<TroubleCause[]> {
  const rows = await db
    .selectFrom('runs')
    .select('trouble_cause as cause')
    .where('ended_at', 'is', null)
    .execute();
  return rows.flatMap(({ cause }) => cause ?? []);
}

export async function readHealthFacts(db: Db): Promise<HealthFacts> {
  const messages = await countUnjudged(db);
  const { verdicts } = await db
    .selectFrom('verdicts')
    .select((eb) => eb.fn.coalesce(eb.fn.max('id'), eb.lit(0)).as('verdicts'))
    .executeTakeFirstOrThrow();
  const openRuns = await db
    .selectFrom('runs')
    .select(['lane', 'cause', 'trouble_cause as trouble', 'created_at as createdAt'])
    .where('ended_at', 'is', null)
    .execute();
  const lanes = await db
    .selectFrom('outbox')
    .select((eb) => [
      'lane',
      eb.fn.countAll<number>().as('effects'),
      eb.fn.min('created_at').as('oldestAt'),
    ])
    .where('ended_at', 'is', null)
    .groupBy('lane')
    .execute();
  const { dead } = await db
    .selectFrom('outbox')
    .select((eb) => eb.fn.countAll<number>().as('dead'))
    .where('state', '=', 'dead')
    .executeTakeFirstOrThrow();
  const { holds } = await db
    .selectFrom('holds')
    .select((eb) => eb.fn.countAll<number>().as('holds'))
    .executeTakeFirstOrThrow();
  return { messages, verdicts, openRuns, lanes, deadEffects: dead, holds, billed: await sum(db) };
}

/** How many messages there are, and how many of them are pending. It reads an index of all of them. */
export async function countMessages(db: Db): Promise<{ messages: number; pending: number }> {
  const counts = await db
    .selectFrom('messages')
    .select((eb) => ['state', eb.fn.countAll<number>().as('messages')])
    .where('deleted_at', 'is', null)
    .groupBy('state')
    .execute();
  return {
    messages: counts.reduce((sum, { messages }) => sum + messages, 0),
    pending: counts.find(({ state }) => state === 'pending')?.messages ?? 0,
  };
}

function sum(db: Db): Promise<HealthFacts['billed']> {
  return db
    .selectFrom(
      db
        .selectFrom('batches')
        .select(['input_tokens', 'output_tokens', 'nano_usd'])
        .unionAll(db.selectFrom('groupings').select(['input_tokens', 'output_tokens', 'nano_usd']))
        .unionAll(db.selectFrom('rehearsals').select(['input_tokens', 'output_tokens', 'nano_usd']))
        .as('bills'),
    )
    .select((eb) => [
      eb.fn.coalesce(eb.fn.sum<number>('input_tokens'), eb.lit(0)).as('inputTokens'),
      eb.fn.coalesce(eb.fn.sum<number>('output_tokens'), eb.lit(0)).as('outputTokens'),
      eb.fn.coalesce(eb.fn.sum<number>('nano_usd'), eb.lit(0)).as('nanoUsd'),
    ])
    .executeTakeFirstOrThrow();
}

/** Whether the database takes a write now, which leaves it as it was. @throws when it does not */
export async function tryWriting(db: Db): Promise<void> {
  await db.transaction().execute(async (tx) => {
    // To write what is there already would write nothing.
    await sql`update indexed_verdicts set up_to = up_to + 1`.execute(tx);
    await sql`update indexed_verdicts set up_to = up_to - 1`.execute(tx);
  });
}
