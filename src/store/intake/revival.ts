import type { ExpressionBuilder } from 'kysely';
import type { IncomingMessage } from '../../core/intake/message.ts';
import type { Tables, Tx } from '../db/tables.ts';
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
