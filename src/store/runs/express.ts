import { sql } from 'kysely';
import { greater } from '../db/engine.ts';
import type { Db, Tx } from '../db/tables.ts';
import { type Batch, pointToCurrentTexts, updateBatch } from './batches.ts';

/** The express lane: requests that are asked one by one. */

/** Batches whose requests are being asked. */
export async function listAskingBatches(db: Db): Promise<number[]> {
  const rows = await db
    .selectFrom('batches')
    .innerJoin('runs', 'runs.id', 'batches.run')
    .select('batches.id')
    .where('runs.ended_at', 'is', null)
    .where('batches.stage', '=', 'asking')
    .orderBy('batches.id')
    .execute();
  return rows.map(({ id }) => id);
}

/** The messages that have no outcome yet, the most urgent first. */
export async function listUnanswered(db: Db | Tx, batch: number): Promise<string[]> {
  const rows = await db
    .selectFrom('requests')
    .select('ts')
    .where('batch', '=', batch)
    .where('outcome', 'is', null)
    .orderBy('urgent', 'desc')
    .orderBy('ts')
    .execute();
  return rows.map(({ ts }) => ts);
}

/**
 * Right before the calls, in one commit: their requests point to the current texts, and each may be
 * billed from now on.
 */
export async function beginAsking(tx: Tx, batch: number, ts: string[]): Promise<void> {
  await pointToCurrentTexts(tx, batch, ts);
  await tx
    .updateTable('requests')
    .set((eb) => ({ asks: eb('asks', '+', 1) }))
    .where('batch', '=', batch)
    .where('ts', 'in', ts)
    .where('outcome', 'is', null)
    .execute();
}

/**
 * asking → collected, once every request has an outcome. Messages of another batch may be moved into it
 * until then.
 * @returns false when one has none yet
 */
export async function finishAsking(tx: Tx, batch: number, now: number): Promise<boolean> {
  if ((await listUnanswered(tx, batch)).length > 0) return false;
  await updateBatch(tx, batch, { stage: 'collected', ended_at: now, next_at: now });
  return true;
}

/** A call that certainly was not billed does not count. */
export async function forgetAsk(tx: Tx, batch: number, ts: string): Promise<void> {
  await tx
    .updateTable('requests')
    .set((eb) => ({ asks: greater(eb('asks', '-', 1), 0) }))
    .where('batch', '=', batch)
    .where('ts', '=', ts)
    .execute();
}

/**
 * Moves the requests of a batch that have no outcome into an express batch.
 * @param doubtful whether the batch may have answered some of them
 * @returns how many
 */
export async function moveUnanswered(
  tx: Tx,
  from: Batch,
  to: Batch,
  { doubtful }: { doubtful: boolean },
): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('requests')
    .set((eb) => ({
      batch: to.id,
      ...(doubtful && { moved_from: from.id, asks: eb('asks', '+', 1) }),
    }))
    .where('batch', '=', from.id)
    .where('outcome', 'is', null)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** How many requests were taken from a batch whose answers to them are not known yet. */
export async function countMoved(db: Db | Tx, from: number): Promise<number> {
  const { moved } = await db
    .selectFrom('requests')
    .select((eb) => eb.fn.countAll<number>().as('moved'))
    .where('moved_from', '=', from)
    .executeTakeFirstOrThrow();
  return moved;
}

/** Requests that were taken from a batch which never was: it has answered none of them. */
export async function forgetMoves(tx: Tx, from: number): Promise<void> {
  await tx
    .updateTable('requests')
    .set((eb) => ({ moved_from: null, asks: eb('asks', '-', 1) }))
    .where('moved_from', '=', from)
    .execute();
}

/** Takes the batches of a run that were not sent into the express lane. */
export async function hurryUnsent(tx: Tx, run: number, now: number): Promise<void> {
  await tx
    .updateTable('batches')
    .set({ lane: 'express', next_at: now, attempts: 0 })
    .where('run', '=', run)
    .where('lane', '=', 'batch')
    .where('stage', 'in', ['filling', 'ready'])
    .execute();
}

/** How many answers of a run may have been paid twice, or were. */
export async function countPaidTwice(db: Db | Tx, run: number): Promise<number> {
  const { asked, billed } = await db
    .selectFrom('batches')
    .where('batches.run', '=', run)
    .select((eb) => [
      eb.fn.coalesce(eb.fn.sum<number>('paid_twice'), eb.lit(0)).as('billed'),
      eb
        .selectFrom('requests')
        .innerJoin('batches as theirs', 'theirs.id', 'requests.batch')
        .where('theirs.run', '=', run)
        .where('requests.asks', '>', 1)
        .select(sql<number>`coalesce(sum(asks - 1), 0)`.as('asked'))
        .as('asked'),
    ])
    .executeTakeFirstOrThrow();
  return Number(billed) + Number(asked ?? 0);
}
