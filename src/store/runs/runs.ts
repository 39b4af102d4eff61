import type { Selectable } from 'kysely';
import type { Lane, LaneReason } from '../../core/runs/lane.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';
import { markStale } from '../digest/stale.ts';
import { hurryUnsent } from './express.ts';

/**
 * Runs: claiming (pending messages become requests, chunk by chunk) → judging (its batches go
 * through their own stages) → done (its digest is in the outbox). A digest is published when it
 * first shows something: at the end, or earlier when some results are late.
 */

export type Run = Selectable<Tables['runs']>;

export interface RunRequest {
  channel: string;
  cause: Run['cause'];
  requestedBy: string | null;
  withDigest: boolean;
  taxonomyVersion: number;
  model: string;
  lane: { lane: Lane; reason: LaneReason };
  /** When its summary is due, in ms since 1970; null: as soon as its results are there. */
  dueAt: number | null;
  /** How many messages it will have, as far as known, and the most that they can cost. */
  expected: { messages: number; usd: number | null };
}

/** Pending messages to look at for a clock that was set back: any of them tells. */
const NEWEST = 1_000;

/** Opens a run; returns undefined when the channel has an open one (a unique index decides). */
export async function openRun(tx: Tx, request: RunRequest, now: number): Promise<Run | undefined> {
  const { newest } = await tx
    .selectFrom((eb) =>
      eb
        .selectFrom('messages')
        .select('collected_at')
        .where('channel', '=', request.channel)
        .where('state', '=', 'pending')
        .where('deleted_at', 'is', null)
        .orderBy('ts', 'desc')
        .limit(NEWEST)
        .as('pending'),
    )
    .select((eb) => eb.fn.max('pending.collected_at').as('newest'))
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
      // Claims what was collected before now, even if the clock was set back since.
      claim_until: Math.max(now, newest ?? now),
      created_at: now,
      ended_at: null,
      canceled_by: null,
      trouble: null,
      stale_since: null,
      stale_at: null,
      expected_messages: request.expected.messages,
      expected_nano_usd: toNanoUsd(request.expected.usd),
      published_at: null,
      lane: request.lane.lane,
      lane_reason: request.lane.reason,
      due_at: request.dueAt,
    })
    .onConflict((conflict) => conflict.column('channel').where('ended_at', 'is', null).doNothing())
    .returningAll()
    .executeTakeFirst();
}

const toNanoUsd = (usd: number | null) => (usd === null ? null : Math.round(usd * 1e9));

export function findRun(db: Db | Tx, id: number): Promise<Run | undefined> {
  return db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
}

export function findOpenRun(db: Db | Tx, channel: string): Promise<Run | undefined> {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('channel', '=', channel)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
}

/** Whether what its batches do not answer is judged express. */
export const isHurried = ({ hurried_at, canceled_by }: Run): boolean =>
  hurried_at !== null && canceled_by === null;

/** The run, if it is still open. */
export function findOpenRunById(db: Db | Tx, id: number): Promise<Run | undefined> {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
}

/** The run whose summary is due at this time, if there was one. */
export function findRunDue(tx: Tx, channel: string, dueAt: number): Promise<Run | undefined> {
  return tx
    .selectFrom('runs')
    .selectAll()
    .where('channel', '=', channel)
    .where('due_at', '=', dueAt)
    .executeTakeFirst();
}

export function listOpenRuns(db: Db): Promise<Run[]> {
  return db.selectFrom('runs').selectAll().where('ended_at', 'is', null).orderBy('id').execute();
}

/** The newest run whose digest has shown something. */
export function findLastDigest(db: Db | Tx, channel: string): Promise<Run | undefined> {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('channel', '=', channel)
    .where('published_at', 'is not', null)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The run of the newest digest of each channel. */
export async function readLastDigests(db: Db): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('runs')
    .select((eb) => ['channel', eb.fn.max<number>('id').as('run')])
    .where('published_at', 'is not', null)
    .groupBy('channel')
    .execute();
  return new Map(rows.map(({ channel, run }) => [channel, run]));
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
 * Takes a run into the express lane: what its batches have not answered is canceled there and judged
 * express.
 * @param by the person who did not want to wait
 * @param moreUsd what it costs more at most; null when a price is not known
 */
export async function hurryRun(
  tx: Tx,
  run: Run,
  { reason, by, moreUsd }: { reason: LaneReason; by: string | null; moreUsd: number | null },
  now: number,
): Promise<void> {
  await updateRun(tx, run.id, { hurried_at: now, hurry_reason: reason, hurried_by: by });
  const expected = run.expected_nano_usd;
  await setExpected(tx, run.id, {
    messages: run.expected_messages,
    usd: expected === null || moreUsd === null ? null : expected / 1e9 + moreUsd,
  });
  await hurryUnsent(tx, run.id, now);
  await markStale(tx, run.id, now);
  await tx
    .updateTable('batches')
    .set({ next_at: now })
    .where('run', '=', run.id)
    .where('stage', '=', 'submitted')
    .execute();
}

/** Cancels a run and makes its batches due now. */
export async function cancelRun(tx: Tx, run: Run, user: string, now: number): Promise<void> {
  await updateRun(tx, run.id, { canceled_by: user });
  await markStale(tx, run.id, now);
  await tx
    .updateTable('batches')
    .set({ next_at: now })
    .where('run', '=', run.id)
    .where('stage', 'in', ['filling', 'ready', 'submitted', 'asking'])
    .execute();
}

export async function updateRun(
  db: Db | Tx,
  id: number,
  change: Partial<
    Pick<
      Run,
      | 'stage'
      | 'lane'
      | 'lane_reason'
      | 'trouble'
      | 'trouble_cause'
      | 'trouble_since'
      | 'retried_at'
      | 'retried_by'
      | 'with_digest'
      | 'requested_by'
      | 'canceled_by'
      | 'claim_until'
      | 'due_at'
      | 'finishing_at'
      | 'hurried_at'
      | 'hurry_reason'
      | 'hurried_by'
    >
  >,
): Promise<void> {
  await db.updateTable('runs').set(change).where('id', '=', id).execute();
}

export async function setExpected(
  tx: Tx,
  id: number,
  { messages, usd }: RunRequest['expected'],
): Promise<void> {
  await tx
    .updateTable('runs')
    .set({ expected_messages: messages, expected_nano_usd: toNanoUsd(usd) })
    .where('id', '=', id)
    .execute();
}

/**
 * How long the newest finished runs took, in ms.
 * @param channel null: all channels
 */
export async function listDurations(
  db: Db | Tx,
  channel: string | null,
  limit: number,
): Promise<number[]> {
  const rows = await db
    .selectFrom('runs')
    .select((eb) => eb('ended_at', '-', eb.ref('created_at')).as('ms'))
    .where('ended_at', 'is not', null)
    .where('canceled_by', 'is', null)
    // Others take as long as their summary has time, or seconds.
    .where('lane', '=', 'batch')
    .where('due_at', 'is', null)
    .where('hurried_at', 'is', null)
    .$if(channel !== null, (query) => query.where('channel', '=', channel ?? ''))
    // A run without a batch had nothing to wait for.
    .where((eb) =>
      eb.exists(eb.selectFrom('batches').select('id').whereRef('batches.run', '=', 'runs.id')),
    )
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ ms }) => Number(ms));
}
