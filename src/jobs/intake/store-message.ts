import type { IncomingMessage } from '../../core/intake/message.ts';
import type { Tx } from '../../store/db/tables.ts';
import { type Kept, upsertMessage } from '../../store/intake/messages.ts';
import { upsertReply } from '../../store/intake/replies.ts';
import type { Context } from '../context.ts';
import { applyRevival } from '../people/apply-decision.ts';

/**
 * Stores a message as an event or history shows it.
 * @param seenAt when Slack is known to have had it, in ms since 1970: if it was taken for deleted
 * before then, it is there again, with all that people did to it
 */
export async function storeMessage(
  tx: Tx,
  context: Context,
  message: IncomingMessage,
  seenAt: number | undefined,
): Promise<Kept> {
  const kept = await upsertMessage(tx, message, context.clock.now(), { seenAt });
  if (kept === 'revived') await applyRevival(tx, context, message);
  return kept;
}

/** The same for a reply, which may also be a message that a person added. */
export async function storeReply(
  tx: Tx,
  context: Context,
  reply: IncomingMessage & { threadTs: string },
  seenAt: number | undefined,
): Promise<void> {
  const kept = await upsertReply(tx, reply, context.clock.now(), seenAt);
  if (kept === 'revived') await applyRevival(tx, context, reply);
}
