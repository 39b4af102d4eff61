import type { Selectable } from 'kysely';
import type { Lane } from '../../core/runs/lane.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';

/**
 * A run's batches and their requests, one for each message. A batch: filling → ready → submitting →
 * submitted → ended → collected; in the express lane filling → ready → asking → collected.
 */

export type Batch = Selectable<Tables['batches']>;

export async function openBatch(tx: Tx, run: number, lane: Lane, now: number): Promise<Batch> {
  return tx
    .insertInto('batches')
    .values({
      run,
      lane,
      stage: 'filling',
      claude_id: null,
      submitted_at: null,
      ended_at: null,
      next_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function listBatches(db: Db | Tx, run: number): Promise<Batch[]> {
  return db.selectFrom('batches').selectAll().where('run', '=', run).orderBy('id').execute();
}

/** Whether results are waiting to be stored, or are being stored. */
export async function isCollecting(db: Db): Promise<boolean> {
  const row = await db
    .selectFrom('batches')
    .innerJoin('runs', 'runs.id', 'batches.run')
    .select('batches.id')
    .where('runs.ended_at', 'is', null)
    .where('batches.stage', '=', 'ended')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export function findBatch(db: Db | Tx, id: number): Promise<Batch | undefined> {
  return db.selectFrom('batches').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function updateBatch(
  db: Db | Tx,
  id: number,
  change: Partial<
    Pick<
      Batch,
      | 'stage'
      | 'lane'
      | 'claude_id'
      | 'adopted'
      | 'cancel_asked'
      | 'submitted_at'
      | 'ended_at'
      | 'next_at'
      | 'attempts'
    >
  >,
): Promise<void> {
  await db.updateTable('batches').set(change).where('id', '=', id).execute();
}

/** Whether a batch has requests: they may all have been moved into the express lane. */
export async function hasRequests(db: Db, batch: number): Promise<boolean> {
  const row = await db
    .selectFrom('requests')
    .select('ts')
    .where('batch', '=', batch)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Batches at Claude whose runs have ended without waiting for them. */
export function listAbandonedBatches(db: Db): Promise<Batch[]> {
  return db
    .selectFrom('batches')
    .innerJoin('runs', 'runs.id', 'batches.run')
    .selectAll('batches')
    .where('batches.stage', 'in', ['submitting', 'submitted', 'ended'])
    .where('runs.ended_at', 'is not', null)
    .where('runs.hurried_at', 'is not', null)
    .orderBy('batches.id')
    .execute();
}

/** How long the newest batches took from their submission to their end, in ms; canceled ones are left out. */
export async function listBatchTimes(db: Db, limit: number): Promise<number[]> {
  const rows = await db
    .selectFrom('batches')
    .select(['submitted_at', 'ended_at'])
    .where('lane', '=', 'batch')
    .where('cancel_asked', '=', 0)
    .where('ended_at', 'is not', null)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.flatMap(({ submitted_at, ended_at }) =>
    submitted_at === null || ended_at === null ? [] : ended_at - submitted_at,
  );
}

export async function deleteBatch(tx: Tx, id: number): Promise<void> {
  await tx.deleteFrom('batches').where('id', '=', id).execute();
}

export async function measureBatch(
  db: Db | Tx,
  batch: number,
): Promise<{ messages: number; characters: number; unanswered: number }> {
  return db
    .selectFrom('requests')
    .innerJoin('messages', (join) =>
      join
        .onRef('messages.channel', '=', 'requests.channel')
        .onRef('messages.ts', '=', 'requests.ts'),
    )
    .select((eb) => [
      eb.fn.countAll<number>().as('messages'),
      eb.fn
        .coalesce(eb.fn.sum<number>(eb.fn('length', ['messages.text'])), eb.lit(0))
        .as('characters'),
      eb.fn.countAll<number>().filterWhere('requests.outcome', 'is', null).as('unanswered'),
    ])
    .where('requests.batch', '=', batch)
    .executeTakeFirstOrThrow();
}

/** Claude's ids that cannot be the orphan of a lost `create`: known ones, and foreign ones. */
export async function listKnownClaudeIds(db: Db): Promise<Set<string>> {
  const rows = await db
    .selectFrom('batches')
    .select('claude_id')
    .where('claude_id', 'is not', null)
    .union(db.selectFrom('foreign_batches').select('claude_id'))
    .execute();
  return new Set(rows.flatMap(({ claude_id }) => claude_id ?? []));
}

export async function recordForeignBatch(tx: Tx, claudeId: string): Promise<void> {
  await tx
    .insertInto('foreign_batches')
    .values({ claude_id: claudeId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/**
 * Right before `create`, in one commit: the batch becomes `submitting`, and its requests point to
 * the current texts.
 */
export async function beginSubmission(tx: Tx, batch: Batch, now: number): Promise<void> {
  await pointToCurrentTexts(tx, batch.id);
  await updateBatch(tx, batch.id, { stage: 'submitting', submitted_at: now });
}

/**
 * Points requests to the current texts of their messages. Those whose messages have been deleted or
 * forgotten since they were claimed are left out.
 * @param only none but these
 */
export async function pointToCurrentTexts(tx: Tx, batch: number, only?: string[]): Promise<void> {
  await tx
    .deleteFrom('requests')
    .where('batch', '=', batch)
    .$if(only !== undefined, (query) => query.where('ts', 'in', only ?? []))
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('messages')
          .select('messages.ts')
          .whereRef('messages.channel', '=', 'requests.channel')
          .whereRef('messages.ts', '=', 'requests.ts')
          .where((message) =>
            message.or([
              message('messages.deleted_at', 'is not', null),
              message('messages.forgotten', 'is not', null),
            ]),
          ),
      ),
    )
    .execute();
  await tx
    .updateTable('requests')
    .from('messages')
    .set((eb) => ({ revision: eb.ref('messages.revision') }))
    .whereRef('messages.channel', '=', 'requests.channel')
    .whereRef('messages.ts', '=', 'requests.ts')
    .where('requests.batch', '=', batch)
    .$if(only !== undefined, (query) => query.where('requests.ts', 'in', only ?? []))
    .execute();
}

/** A batch whose results are stored, and which Claude still has. */
export interface Removable {
  id: number;
  claudeId: string;
  submittedAt: number | null;
  attempts: number;
  /** When to try it, ms since 1970. */
  at: number;
}

/**
 * The batches that are to be deleted at Claude, the next one first. One that was adopted after a lost answer
 * may be another program's: it is ours only if it has judged one of our messages.
 */
export async function listRemovable(db: Db, limit: number): Promise<Removable[]> {
  const rows = await db
    .selectFrom('batches')
    .select([
      'id',
      'claude_id as claudeId',
      'submitted_at as submittedAt',
      'remove_attempts as attempts',
      'remove_at as at',
    ])
    .where('stage', '=', 'collected')
    .where('removed_at', 'is', null)
    .where('claude_id', 'is not', null)
    .where((eb) =>
      eb.or([
        eb('adopted', '=', 0),
        eb.exists(
          eb
            .selectFrom('requests')
            .select('requests.ts')
            .whereRef('requests.batch', '=', 'batches.id')
            .where('requests.outcome', '=', 'judged'),
        ),
      ]),
    )
    .orderBy('remove_at')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.flatMap(({ claudeId, ...row }) => (claudeId === null ? [] : [{ ...row, claudeId }]));
}

/** Records that Claude no longer has a batch. */
export async function markRemoved(db: Db, id: number, now: number): Promise<void> {
  await db.updateTable('batches').set({ removed_at: now }).where('id', '=', id).execute();
}

/** Records that a batch could not be deleted, and when to try it again. */
export async function postponeRemoval(
  db: Db,
  id: number,
  { attempts, at }: { attempts: number; at: number },
): Promise<void> {
  await db
    .updateTable('batches')
    .set({ remove_attempts: attempts, remove_at: at })
    .where('id', '=', id)
    .execute();
}
