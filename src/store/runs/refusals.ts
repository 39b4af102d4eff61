import { decideSetAside } from '../../core/runs/outcome.ts';
import type { Tx } from '../db/tables.ts';
import { changeMessages } from '../people/changes.ts';
import { readFacts } from '../people/facts.ts';
import type { Batch } from './batches.ts';
import { markStale, type Run } from './runs.ts';

/** What becomes of a batch that Claude refuses. */

/**
 * Takes one message out of a batch that Claude has refused because of it, so that the others can be
 * sent.
 */
export async function setAside(
  tx: Tx,
  { channel }: Run,
  batch: Batch,
  { ts, reason }: { ts: string; reason: string },
  now: number,
): Promise<void> {
  await tx.deleteFrom('requests').where('batch', '=', batch.id).where('ts', '=', ts).execute();
  const [message] = await readFacts(tx, channel, [ts]);
  if (!message || message.deleted) return;
  const { message: change, staleDigests } = decideSetAside(message, reason);
  await changeMessages(tx, channel, [{ ts, message: change }]);
  for (const digest of staleDigests) await markStale(tx, digest, now);
}

/**
 * Makes batches that Claude has refused due now, because a person has asked. What was refused before does
 * not count any more; one try does, so that the end of the trouble is noticed.
 */
export async function retryRefused(tx: Tx, run: number, now: number): Promise<void> {
  await tx
    .updateTable('batches')
    .set((eb) => ({ next_at: now, attempts: eb.fn('min', ['attempts', eb.val(1)]) }))
    .where('run', '=', run)
    .where('stage', '=', 'ready')
    .where('next_at', '>', now)
    .execute();
}
