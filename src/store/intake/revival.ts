import type { ExpressionBuilder, Selectable } from 'kysely';
import type { IncomingMessage } from '../../core/intake/message.ts';
import type { Tables, Tx } from '../db/tables.ts';
import { findForgettingOf, findKind } from '../privacy/forgettings.ts';
import { ensureUsers } from './users.ts';

/**
 * A message that was taken for deleted is as it was before, with its verdict. A run that left it out
 * has no answer for it: it is pending again.
 */
export async function clearDeletion(tx: Tx, message: IncomingMessage): Promise<void> {
  const { channel, ts, threadTs, author, authorName } = message;
  const isAtClaude = (eb: ExpressionBuilder<Tables, 'messages'>) =>
    eb.exists(
      eb
        .selectFrom('requests')
        .innerJoin('batches', 'batches.id', 'requests.batch')
        .select('requests.ts')
        .whereRef('batches.run', '=', 'messages.run')
        .whereRef('requests.channel', '=', 'messages.channel')
        .whereRef('requests.ts', '=', 'messages.ts')
        .where('requests.outcome', 'is', null),
    );
  await tx
    .updateTable('messages')
    .set((eb) => ({
      deleted_at: null,
      thread_ts: threadTs,
      author,
      author_name: authorName,
      state: eb
        .case()
        .when(eb.and([eb('state', '=', 'claimed'), eb.not(isAtClaude(eb))]))
        .then('pending' as const)
        .else(eb.ref('state'))
        .end(),
    }))
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .execute();
  await ensureUsers(tx, message);
}

/**
 * A message that was deleted and forgotten is there after all. It has lost its text, so it is taken in like one
 * that has been edited: the next run judges it.
 * @returns false when a person, or its age, has made the bot forget it: it stays forgotten
 */
export async function clearForgotten(
  tx: Tx,
  message: IncomingMessage,
  known: Selectable<Tables['messages']>,
  seenAt: number | undefined,
): Promise<boolean> {
  if (known.forgotten === null || !(await mayReturn(tx, message, known, seenAt))) return false;
  await tx
    .updateTable('messages')
    .set({
      text: '',
      edited_ts: null,
      thread_ts: message.threadTs,
      deleted_at: null,
      forgotten: null,
      state: 'pending',
    })
    .where('channel', '=', message.channel)
    .where('ts', '=', message.ts)
    .execute();
  return true;
}

/** Whether what was forgotten was forgotten only because it was deleted, and Slack shows it again. */
export async function mayReturn(
  tx: Tx,
  message: Pick<IncomingMessage, 'author' | 'reporter' | 'ts'>,
  { forgotten, deleted_at }: { forgotten: number | null; deleted_at: number | null },
  seenAt: number | undefined,
): Promise<boolean> {
  if (forgotten === null || deleted_at === null || seenAt === undefined) return false;
  if (seenAt < deleted_at || (await findKind(tx, forgotten)) !== 'deleted') return false;
  return (await findForgettingOf(tx, message)) === undefined;
}
