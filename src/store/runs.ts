import type { Selectable } from 'kysely';
import type { Db, Tables, Tx } from './database.ts';

/**
 * Runs: claiming (pending messages become requests, chunk by chunk) → judging (its batches go through
 * their own stages) → done (its digest is in the outbox).
 */

export type Run = Selectable<Tables['runs']>;

export interface RunRequest {
  channel: string;
  cause: Run['cause'];
  requestedBy: string | null;
  withDigest: boolean;
  taxonomyVersion: number;
  model: string;
}

/** Opens a run, or returns undefined when the channel has an open one (the index decides). */
export async function openRun(tx: Tx, request: RunRequest, now: number): Promise<Run | undefined> {
  const { newest } = await tx
    .selectFrom('messages')
    .select((eb) => eb.fn.max('collected_at').as('newest'))
    .where('channel', '=', request.channel)
    .where('state', '=', 'pending')
    .executeTakeFirstOrThrow();
  return tx
    .insertInto('runs')
    .values({
      channel: request.channel,
      stage: 'claiming',
      cause: request.cause,
      requested_by: request.requestedBy,
      with_digest: request.withDigest ? 1 : 0,
      taxonomy_version: request.taxonomyVersion,
      model: request.model,
      // What is there is claimed, though the clock may have been set back since it came.
      claim_until: Math.max(now, newest ?? now),
      created_at: now,
      ended_at: null,
      canceled_by: null,
      trouble: null,
      stale_since: null,
      stale_at: null,
    })
    .onConflict((conflict) => conflict.column('channel').where('ended_at', 'is', null).doNothing())
    .returningAll()
    .executeTakeFirst();
}

export function findOpenRun(db: Db | Tx, channel: string): Promise<Run | undefined> {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('channel', '=', channel)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
}

export function listOpenRuns(db: Db): Promise<Run[]> {
  return db.selectFrom('runs').selectAll().where('ended_at', 'is', null).orderBy('id').execute();
}

/** The newest run that has told, or was to tell, of something. */
export function findLastDigest(db: Db | Tx, channel: string): Promise<Run | undefined> {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('channel', '=', channel)
    .where('ended_at', 'is not', null)
    .where('with_digest', '=', 1)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export function findLastRun(db: Db, channel: string): Promise<Run | undefined> {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('channel', '=', channel)
    .where('ended_at', 'is not', null)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/**
 * Ends a run, unless a digest has been asked for since it was read.
 * @returns whether it is ended
 */
export async function endRun(tx: Tx, run: Run, now: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('runs')
    .set({ stage: 'done', ended_at: now, trouble: null })
    .where('id', '=', run.id)
    .where('with_digest', '=', run.with_digest)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Cancels a run, and has its batches looked at now. */
export async function cancelRun(tx: Tx, run: Run, user: string, now: number): Promise<void> {
  await updateRun(tx, run.id, { canceled_by: user });
  await tx
    .updateTable('batches')
    .set({ next_at: now })
    .where('run', '=', run.id)
    .where('stage', 'in', ['filling', 'ready', 'submitted'])
    .execute();
}

/** Something that the digest of a run tells has changed: it is told anew, with what else changes. */
export async function markStale(tx: Tx, run: number, now: number): Promise<void> {
  await tx
    .updateTable('runs')
    .set((eb) => ({
      stale_since: eb.fn.coalesce('stale_since', eb.val(now)),
      // Different at every change, also within a millisecond: that is what `markFresh` goes by.
      stale_at: eb.fn<number>('max', [
        eb.val(now),
        eb(eb.fn.coalesce('stale_at', eb.lit(0)), '+', 1),
      ]),
    }))
    .where('id', '=', run)
    .execute();
}

/** Ended runs whose digests are stale. */
export function listStaleRuns(db: Db): Promise<Run[]> {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('stale_at', 'is not', null)
    .where('ended_at', 'is not', null)
    .orderBy('id')
    .execute();
}

/** @param run as it was before its facts were read: what has changed since is still to be told */
export async function markFresh(tx: Tx, run: Run): Promise<void> {
  await tx
    .updateTable('runs')
    .set({ stale_since: null, stale_at: null })
    .where('id', '=', run.id)
    .where('stale_at', '=', run.stale_at)
    .execute();
}

export async function updateRun(
  db: Db | Tx,
  id: number,
  change: Partial<Pick<Run, 'stage' | 'trouble' | 'with_digest' | 'canceled_by'>>,
): Promise<void> {
  await db.updateTable('runs').set(change).where('id', '=', id).execute();
}
