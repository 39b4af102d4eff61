import type { Selectable } from 'kysely';
import type { Db, Tables, Tx } from './database.ts';

/**
 * Runs and their batches. A run: claiming (pending messages become requests, chunk by chunk) →
 * judging (its batches go through their own stages) → done (its digest is in the outbox).
 * A batch: filling → ready → submitting → submitted → ended → collected.
 */

export type Run = Selectable<Tables['runs']>;
export type Batch = Selectable<Tables['batches']>;

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

/**
 * Claims the next pending messages for a run: they become requests of its filling batch.
 * @returns how many were claimed, and the size of their texts; none means that claiming is over
 */
export async function claimMessages(
  tx: Tx,
  run: Run,
  batch: number,
  limit: number,
): Promise<{ messages: number; characters: number }> {
  const claimed = await tx
    .updateTable('messages')
    .set({ state: 'claimed', run: run.id })
    .where('channel', '=', run.channel)
    .where('ts', 'in', (eb) =>
      eb
        .selectFrom('messages')
        .select('ts')
        .where('channel', '=', run.channel)
        .where('state', '=', 'pending')
        .where('deleted_at', 'is', null)
        .where('collected_at', '<=', run.claim_until)
        // What this run itself gave back waits for the next one.
        .where((or) => or.or([or('run', 'is', null), or('run', '!=', run.id)]))
        .orderBy('ts')
        .limit(limit),
    )
    .returning(['ts', 'revision', 'text'])
    .execute();
  if (claimed.length > 0) {
    await tx
      .insertInto('requests')
      .values(
        claimed.map(({ ts, revision }) => ({
          batch,
          channel: run.channel,
          ts,
          revision,
          outcome: null,
          examples: null,
        })),
      )
      .execute();
  }
  return {
    messages: claimed.length,
    characters: claimed.reduce((sum, { text }) => sum + text.length, 0),
  };
}

export async function openBatch(tx: Tx, run: number, now: number): Promise<Batch> {
  return tx
    .insertInto('batches')
    .values({
      run,
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

export function findBatch(db: Db, id: number): Promise<Batch | undefined> {
  return db.selectFrom('batches').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function updateBatch(
  db: Db | Tx,
  id: number,
  change: Partial<
    Pick<
      Batch,
      | 'stage'
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

/** Claude's ids that cannot be the orphan of a lost `create`: ours already, or somebody else's. */
export async function listKnownClaudeIds(db: Db): Promise<Set<string>> {
  const rows = await db
    .selectFrom('batches')
    .select('claude_id')
    .where('claude_id', 'is not', null)
    .union(db.selectFrom('foreign_batches').select('claude_id'))
    .execute();
  return new Set(rows.flatMap(({ claude_id }) => claude_id ?? []));
}

export async function keepForeignBatch(tx: Tx, claudeId: string): Promise<void> {
  await tx
    .insertInto('foreign_batches')
    .values({ claude_id: claudeId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export interface RequestedMessage {
  ts: string;
  text: string;
  author: string | null;
  authorName: string | null;
  revision: number;
}

/** The messages of a batch in the order of their requests, with the texts that they have now. */
export async function readRequestedMessages(
  db: Db | Tx,
  batch: number,
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
    .orderBy('requests.ts')
    .execute();
}

/** The last replies of each thread among the batch's messages, oldest first. */
export async function readThreadContext(
  db: Db | Tx,
  batch: number,
  perThread: number,
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
    .where('replies.deleted_at', 'is', null)
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

/**
 * Right before `create`, in one commit: the batch is `submitting`, and its requests are for the
 * texts that the messages have now. Messages deleted since they were claimed are left out.
 */
export async function beginSubmission(tx: Tx, batch: Batch, now: number): Promise<void> {
  await tx
    .deleteFrom('requests')
    .where('batch', '=', batch.id)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('messages')
          .select('messages.ts')
          .whereRef('messages.channel', '=', 'requests.channel')
          .whereRef('messages.ts', '=', 'requests.ts')
          .where('messages.deleted_at', 'is not', null),
      ),
    )
    .execute();
  await tx
    .updateTable('requests')
    .from('messages')
    .set((eb) => ({ revision: eb.ref('messages.revision') }))
    .whereRef('messages.channel', '=', 'requests.channel')
    .whereRef('messages.ts', '=', 'requests.ts')
    .where('requests.batch', '=', batch.id)
    .execute();
  await updateBatch(tx, batch.id, { stage: 'submitting', submitted_at: now });
}
