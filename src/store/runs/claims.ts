import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import { countInPages } from '../intake/pending.ts';
import { IS_OPEN } from '../people/flags.ts';
import type { Run } from './runs.ts';

/** Claiming: messages of a channel become requests of a run. */

export interface Claimed {
  messages: number;
  characters: number;
}

/** A message as a first look sees it. */
export interface Candidate {
  ts: string;
  author: string | null;
  text: string;
}

/**
 * Messages that the run may claim. What it has itself given back waits for the next run, unless it goes
 * on all day.
 */
const selectUnclaimed = (tx: Tx, run: Run) =>
  tx
    .selectFrom('messages')
    .where('channel', '=', run.channel)
    .where('deleted_at', 'is', null)
    .where('forgotten', 'is', null)
    .$if(run.cause !== 'live', (query) =>
      query.where((eb) => eb.or([eb('run', 'is', null), eb('run', '!=', run.id)])),
    );

/** The next pending messages that the run may claim, by ts. */
export function listCandidates(
  tx: Tx,
  run: Run,
  after: string,
  limit: number,
): Promise<Candidate[]> {
  return selectUnclaimed(tx, run)
    .select(['ts', 'author', 'text'])
    .where('state', '=', 'pending')
    .where('collected_at', '<=', run.claim_until)
    .where('ts', '>', after)
    .orderBy('ts')
    .limit(limit)
    .execute();
}

/** What the run may claim: new messages, and those to judge again. */
const selectClaimable = (tx: Tx, run: Run) =>
  [
    selectUnclaimed(tx, run)
      .where('state', '=', 'pending')
      .where('collected_at', '<=', run.claim_until),
    selectUnclaimed(tx, run).where('state', '=', 'judged').where('again', '=', sql.lit(1)),
  ] as const;

/**
 * How many messages the run may claim.
 * @param pause is awaited between pages of messages
 */
export async function countClaimable(
  tx: Tx,
  run: Run,
  pause: () => Promise<void>,
): Promise<number> {
  let total = 0;
  for (const some of selectClaimable(tx, run)) total += await countInPages(tx, some, pause);
  return total;
}

/** Whether there is a message that the run may claim. */
export async function hasClaimable(tx: Tx, run: Run): Promise<boolean> {
  for (const some of selectClaimable(tx, run)) {
    if (await some.select('ts').limit(1).executeTakeFirst()) return true;
  }
  return false;
}

/** People whose messages still need somebody: of the newest such messages. */
export async function readWaitingAuthors(tx: Tx, channel: string): Promise<Set<string>> {
  const rows = await tx
    .selectFrom('flags')
    .innerJoin('messages', (join) =>
      join.onRef('messages.channel', '=', 'flags.channel').onRef('messages.ts', '=', 'flags.ts'),
    )
    .select('messages.author')
    .where('flags.channel', '=', channel)
    .where(IS_OPEN)
    .orderBy('flags.opened_at', 'desc')
    .limit(500)
    .execute();
  return new Set(rows.flatMap(({ author }) => author ?? []));
}

/**
 * Claims the next messages for a run: they become requests of its filling batch.
 * @param look how urgent a message looks
 * @param only claims none but these
 * @returns how many were claimed, and how long their texts are; 0 when claiming is over
 */
export async function claimMessages(
  tx: Tx,
  run: Run,
  batch: number,
  { limit, look, only }: { limit: number; look: (message: Candidate) => number; only?: string[] },
): Promise<Claimed> {
  const returned = ['ts', 'revision', 'author', 'text'] as const;
  // First which, then these: in one statement PostgreSQL may look for them once for each message of the channel.
  const next = async (claimable: ReturnType<typeof selectUnclaimed>, most: number) => {
    const rows = await claimable
      .select('ts')
      .$if(only !== undefined, (query) => query.where('ts', 'in', only ?? []))
      .orderBy('ts')
      .limit(most)
      .execute();
    return rows.map(({ ts }) => ts);
  };
  const [isNew, isToJudgeAgain] = selectClaimable(tx, run);
  const newOnes = await next(isNew, limit);
  const pending =
    newOnes.length === 0
      ? []
      : await tx
          .updateTable('messages')
          .set({ state: 'claimed', run: run.id, again: 0 })
          .where('channel', '=', run.channel)
          .where('ts', 'in', newOnes)
          .returning(returned)
          .execute();
  await addRequests(tx, run, batch, pending, look);
  if (pending.length === limit || only) return measure(pending);
  // These are judged already and are to be judged again: they keep their verdict until then. Those
  // that were edited meanwhile are not judged again: their newer text is judged.
  const again = await next(isToJudgeAgain, limit - pending.length);
  if (again.length === 0) return measure(pending);
  const judged = await tx
    .updateTable('messages')
    .set({ run: run.id, again: 0 })
    .where('channel', '=', run.channel)
    .where('ts', 'in', again)
    .returning((eb) => [
      ...returned,
      eb
        .selectFrom('verdicts')
        .select('verdicts.revision')
        .whereRef('verdicts.id', '=', 'messages.verdict')
        .as('judged'),
    ])
    .execute();
  await addRequests(
    tx,
    run,
    batch,
    judged.map(({ judged: before, ...message }) => ({
      ...message,
      again: before === message.revision,
    })),
    look,
  );
  return measure([...pending, ...judged]);
}

const measure = (rows: { text: string }[]): Claimed => ({
  messages: rows.length,
  characters: rows.reduce((sum, { text }) => sum + text.length, 0),
});

async function addRequests(
  tx: Tx,
  { channel }: Run,
  batch: number,
  messages: (Candidate & { revision: number; again?: boolean })[],
  look: (message: Candidate) => number,
): Promise<void> {
  if (messages.length === 0) return;
  await tx
    .insertInto('requests')
    .values(
      messages.map(({ again = false, ...message }) => ({
        batch,
        channel,
        ts: message.ts,
        revision: message.revision,
        outcome: null,
        examples: null,
        again: again ? 1 : 0,
        urgent: look(message),
      })),
    )
    .execute();
}
