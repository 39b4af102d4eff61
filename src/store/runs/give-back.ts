import type { MessageFacts } from '../../core/people/decide.ts';
import { decideRetry, decideSetAside } from '../../core/runs/outcome.ts';
import type { Tx } from '../db/tables.ts';
import { markStale } from '../digest/stale.ts';
import { changeMessages } from '../people/changes.ts';
import { readFacts } from '../people/facts.ts';
import type { Batch } from './batches.ts';
import type { Run } from './runs.ts';

/** What becomes of messages that have no usable answer. */

/** The outcome of a request whose run was canceled before it was answered. */
export const CANCELED = 'the run was canceled';

/** Requests given back in one statement. */
const PAGE = 1000;

/** Gives messages without a result back to pending once no more results can come. */
export async function giveBackUnanswered(
  tx: Tx,
  run: Run,
  batch: Batch,
  reason: string,
  now: number,
): Promise<number> {
  const rows = await tx
    .updateTable('requests')
    .set({ outcome: reason })
    .where('batch', '=', batch.id)
    .where('outcome', 'is', null)
    .returning('ts')
    .execute();
  for (let start = 0; start < rows.length; start += PAGE) {
    const messages = await tx
      .selectFrom('messages')
      .leftJoin('verdicts', 'verdicts.id', 'messages.verdict')
      .select([
        'messages.ts',
        'messages.state',
        'messages.tries',
        'messages.digest',
        'messages.revision',
        'verdicts.revision as judged',
      ])
      .where('messages.channel', '=', run.channel)
      .where(
        'messages.ts',
        'in',
        rows.slice(start, start + PAGE).map(({ ts }) => ts),
      )
      .where('messages.forgotten', 'is', null)
      .execute();
    const retries = messages.map(({ digest, revision, judged, ...message }) => ({
      message: {
        ...message,
        digest: digest === null ? null : { run: digest },
        edited: judged !== null && judged < revision,
      },
      reason,
      counts: false,
    }));
    await giveBack(tx, run, retries, now);
  }
  return rows.length;
}

/** Whether the verdict that counts is on an older text. */
export const isEdited = ({ verdict, revision }: MessageFacts): boolean =>
  verdict !== null && verdict.revision < revision;

export interface Retry {
  message: Pick<MessageFacts, 'ts' | 'state' | 'tries'> & {
    digest: { run: number } | null;
    edited: boolean;
  };
  reason: string;
  counts: boolean;
  final?: boolean;
}

export async function giveBack(tx: Tx, run: Run, retries: Retry[], now: number): Promise<void> {
  const changes = retries.map(({ message, ...why }) => ({
    ts: message.ts,
    ...decideRetry(message, why, run.canceled_by !== null),
  }));
  await changeMessages(tx, run.channel, changes);
  for (const digest of new Set(changes.flatMap(({ staleDigests }) => staleDigests))) {
    await markStale(tx, digest, now);
  }
}

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
  if (!message || message.deleted || message.forgotten) return;
  const { message: change, staleDigests } = decideSetAside(message, reason);
  await changeMessages(tx, channel, [{ ts, message: change }]);
  for (const digest of staleDigests) await markStale(tx, digest, now);
}
