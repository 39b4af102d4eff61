import type { Selectable } from 'kysely';
import { greater } from '../db/engine.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';

/** Which receipts and digests have to be written again, and who writes them. */

type Run = Selectable<Tables['runs']>;

/** Marks the digest of a run as stale: something that it shows has changed. An adopted one stays as it is. */
export async function markStale(tx: Tx, run: number, now: number): Promise<void> {
  await tx
    .updateTable('runs')
    .set((eb) => ({
      stale_since: eb.fn.coalesce('stale_since', eb.val(now)),
      // Different at each change, even within a millisecond, because `markFresh` compares it.
      stale_at: greater(eb(eb.fn.coalesce('stale_at', eb.lit(0)), '+', 1), now),
    }))
    .where('id', '=', run)
    .where('adopted', '=', 0)
    .execute();
}

/** What an adopted digest shows must not stay: from now on it is written as any other. */
export async function endAdoption(tx: Tx, run: number): Promise<void> {
  await tx.updateTable('runs').set({ adopted: 0 }).where('id', '=', run).execute();
}

/** Runs whose receipts or digests are stale. */
export function listStaleRuns(db: Db): Promise<Run[]> {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('stale_at', 'is not', null)
    .orderBy('id')
    .execute();
}

/**
 * Keeps a run stale until more is written.
 * @param run as it was before its facts were read
 * @returns the run for `markFresh`; undefined when something changed since, so it stays stale
 * anyway
 */
export async function extendStale(tx: Tx, run: Run, now: number): Promise<Run | undefined> {
  const stale_at = Math.max(now, (run.stale_at ?? 0) + 1);
  const { numUpdatedRows } = await tx
    .updateTable('runs')
    .set({ stale_since: run.stale_since ?? now, stale_at })
    .where('id', '=', run.id)
    .where('stale_at', 'is not distinct from', run.stale_at)
    .executeTakeFirst();
  return numUpdatedRows > 0n ? { ...run, stale_at } : undefined;
}

/** @param run as it was before its facts were read: later changes keep it stale */
export async function markFresh(tx: Tx, run: Run): Promise<void> {
  await tx
    .updateTable('runs')
    .set({ stale_since: null, stale_at: null })
    .where('id', '=', run.id)
    .where('stale_at', '=', run.stale_at)
    .execute();
}

/**
 * Call it first in the transaction that writes a run's posts. It records that they show the run as
 * it was read.
 * @param publish whether they show something
 * @returns false when the run has changed since, or somebody else has written its posts: write
 * nothing then
 */
export async function beginWriting(
  tx: Tx,
  run: Run,
  { end, publish }: { end: boolean; publish: boolean },
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('runs')
    .set((eb) => ({
      written: run.written + 1,
      ...(publish && { published_at: eb.fn.coalesce('published_at', eb.val(now)) }),
      ...(end && { stage: 'done' as const, ended_at: now, trouble: null }),
    }))
    .where('id', '=', run.id)
    // The id of its channel may have changed since it was read.
    .where('channel', '=', run.channel)
    .where('written', '=', run.written)
    .where('ended_at', 'is not distinct from', run.ended_at)
    // Somebody asked for a digest, or canceled the run, since it was read.
    .where('with_digest', '=', run.with_digest)
    .where('canceled_by', 'is not distinct from', run.canceled_by)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
