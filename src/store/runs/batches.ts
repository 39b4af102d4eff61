import type { ExpressionBuilder, Selectable } from 'kysely';
import type { Db, Tables, Tx } from '../db/tables.ts';
import type { Run } from './runs.ts';

/**
 * A run's batches and their requests, one for each message. A batch: filling → ready → submitting →
 * submitted → ended → collected.
 */

export type Batch = Selectable<Tables['batches']>;

interface Claimed {
  messages: number;
  characters: number;
}

/**
 * Claims the next pending messages for a run: they become requests of its filling batch.
 * @returns how many were claimed, and how long their texts are; 0 when claiming is over
 */
export async function claimMessages(
  tx: Tx,
  run: Run,
  batch: number,
  limit: number,
): Promise<Claimed> {
  const returned = [
    'ts',
    'revision',
    (eb: ExpressionBuilder<Tables, 'messages'>) =>
      eb.fn<number>('length', ['text']).as('characters'),
  ] as const;
  const unclaimed = tx
    .selectFrom('messages')
    .select('ts')
    .where('channel', '=', run.channel)
    .where('deleted_at', 'is', null)
    // What this run itself gave back waits for the next one.
    .where((or) => or.or([or('run', 'is', null), or('run', '!=', run.id)]))
    .orderBy('ts');
  const pending = await tx
    .updateTable('messages')
    .set({ state: 'claimed', run: run.id, again: 0 })
    .where('channel', '=', run.channel)
    .where(
      'ts',
      'in',
      unclaimed
        .where('state', '=', 'pending')
        .where('collected_at', '<=', run.claim_until)
        .limit(limit),
    )
    .returning(returned)
    .execute();
  await addRequests(tx, run, batch, pending);
  if (pending.length === limit) return measure(pending);
  // These are judged already and are to be judged again: they keep their verdict until then. Those
  // that were edited meanwhile are not judged again: their newer text is judged.
  const judged = await tx
    .updateTable('messages')
    .set({ run: run.id, again: 0 })
    .where('channel', '=', run.channel)
    .where(
      'ts',
      'in',
      unclaimed
        .where('again', '=', 1)
        .where('state', '=', 'judged')
        .limit(limit - pending.length),
    )
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
  );
  return measure([...pending, ...judged]);
}

const measure = (rows: { characters: number }[]): Claimed => ({
  messages: rows.length,
  characters: rows.reduce((sum, { characters }) => sum + characters, 0),
});

async function addRequests(
  tx: Tx,
  { channel }: Run,
  batch: number,
  messages: { ts: string; revision: number; again?: boolean }[],
): Promise<void> {
  if (messages.length === 0) return;
  await tx
    .insertInto('requests')
    .values(
      messages.map(({ ts, revision, again = false }) => ({
        batch,
        channel,
        ts,
        revision,
        outcome: null,
        examples: null,
        again: again ? 1 : 0,
      })),
    )
    .execute();
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
 * the current texts. Messages deleted since they were claimed are left out.
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
