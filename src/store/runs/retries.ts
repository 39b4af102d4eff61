import { FOR_A_PERSON, OF_ACCOUNT } from '../../core/runs/trouble.ts';
import { greater } from '../db/engine.ts';
import type { Db, Tx } from '../db/tables.ts';
import { listBatches } from './batches.ts';
import type { Run } from './runs.ts';

/** Runs that wait for Claude, or for a person who mends something there, and are due earlier. */

/** How long after a submission Claude may not show its batch yet: it is not looked for earlier. */
export const SETTLE_MS = 10_000;

/**
 * Makes what a run waits for after a failed try due now. What was refused before does not count any more;
 * one try does, so that the end of the trouble is noticed.
 */
export async function makeDue(tx: Tx, run: number, now: number): Promise<void> {
  const waiting = tx
    .updateTable('batches')
    .where('run', '=', run)
    .where('attempts', '>', 0)
    .where('next_at', '>', now);
  await waiting
    .set({ next_at: now, attempts: 1 })
    .where('stage', 'in', ['ready', 'asking'])
    .execute();
  await waiting.set({ next_at: now }).where('stage', 'in', ['submitted', 'ended']).execute();
  await waiting
    .set((eb) => ({
      next_at: greater(eb(eb.fn.coalesce('submitted_at', eb.lit(0)), '+', SETTLE_MS), now),
    }))
    .where('stage', '=', 'submitting')
    .execute();
}

/** Open runs that wait until a person has mended something. */
export function listWaitingForAPerson(db: Db | Tx): Promise<Run[]> {
  return selectInTrouble(db)
    .selectAll()
    .where((eb) =>
      // Runs that began to wait under an older version of the bot do not say for what.
      eb.or([eb('trouble_cause', 'is', null), eb('trouble_cause', 'in', FOR_A_PERSON)]),
    )
    .execute();
}

/** Open runs that wait until Claude takes work from the bot's account again. */
export async function listWaitingForAccount(db: Db | Tx): Promise<number[]> {
  const runs = await selectInTrouble(db)
    .select('id')
    .where('trouble_cause', 'in', OF_ACCOUNT)
    .execute();
  return runs.map(({ id }) => id);
}

const selectInTrouble = (db: Db | Tx) =>
  db
    .selectFrom('runs')
    .where('ended_at', 'is', null)
    .where('trouble', 'is not', null)
    .orderBy('id');

/** The batches of runs in trouble that are not due yet. */
export async function listWaitingBatches(db: Db, now: number): Promise<number[]> {
  const rows = await db
    .selectFrom('batches')
    .select('batches.id')
    .where('batches.run', 'in', (eb) =>
      eb
        .selectFrom('runs')
        .select('runs.id')
        .where('runs.ended_at', 'is', null)
        .where('runs.trouble', 'is not', null),
    )
    .where('batches.stage', '!=', 'collected')
    .where('batches.next_at', '>', now)
    .execute();
  return rows.map(({ id }) => id);
}

/** @returns when the first of these batches is due; null when all are collected */
export async function findDueAt(db: Db, batches: number[]): Promise<number | null> {
  const { at } = await db
    .selectFrom('batches')
    .select((eb) => eb.fn.min<number | null>('next_at').as('at'))
    .where('id', 'in', batches)
    .where('stage', '!=', 'collected')
    .executeTakeFirstOrThrow();
  return at;
}

/**
 * Gives a run another model, unless some of it is at Claude under the model that it has: what that costs
 * could not be told any more. Each express answer is priced as it comes.
 */
export async function adoptModel(tx: Tx, run: Run, model: string): Promise<boolean> {
  if (run.model === model) return false;
  const atClaude = (await listBatches(tx, run.id)).some(
    ({ stage }) => stage === 'submitting' || stage === 'submitted' || stage === 'ended',
  );
  if (atClaude) return false;
  await tx.updateTable('runs').set({ model }).where('id', '=', run.id).execute();
  return true;
}
