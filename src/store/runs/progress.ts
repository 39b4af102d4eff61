import type { Db, Tx } from '../db/tables.ts';
import { listBatches } from './batches.ts';
import type { Run } from './runs.ts';

export interface Progress {
  /** Messages in its requests, and how many of them have an outcome. */
  requested: number;
  answered: number;
  /** Claude has at least one batch. */
  sent: boolean;
  /** Every batch is collected. */
  collected: boolean;
}

/**
 * How far a run is, counted batch by batch.
 * @param pause called between batches
 */
export async function readProgress(
  db: Db | Tx,
  run: Run,
  pause: () => Promise<void> = async () => {},
): Promise<Progress> {
  const batches = await listBatches(db, run.id);
  let requested = 0;
  let answered = 0;
  for (const { id } of batches) {
    const counts = await db
      .selectFrom('requests')
      .select((eb) => [
        eb.fn.countAll<number>().as('requested'),
        eb.fn.count<number>('outcome').as('answered'),
      ])
      .where('batch', '=', id)
      .executeTakeFirstOrThrow();
    requested += counts.requested;
    answered += counts.answered;
    await pause();
  }
  return {
    requested,
    answered,
    sent: batches.some(({ submitted_at }) => submitted_at !== null),
    collected: batches.every(({ stage }) => stage === 'collected'),
  };
}
