import type { IncomingMessage } from '../../core/intake/message.ts';
import { tsToMs } from '../../core/timestamps.ts';
import type { Tx } from '../../store/db/tables.ts';
import { findMessageRow } from '../../store/intake/copies.ts';
import { type Kept, markDeleted, upsertMessage } from '../../store/intake/messages.ts';
import { upsertReply } from '../../store/intake/replies.ts';
import { recordRevival } from '../../store/people/acts.ts';
import { indexTitlesOf, refreshTitlesOf } from '../../store/themes/words.ts';
import type { Context } from '../context.ts';
import { applyDecision } from '../people/apply-decision.ts';
import type { DecisionContext } from '../people/refresh-card.ts';
import { joinCopies, leaveCopies, showCopies } from './copies.ts';

/** Stores messages, their edits and their deletions, with what follows from them. */

/** What is known about a message besides what it says. */
interface Circumstances {
  /**
   * When Slack is known to have had it, in ms since 1970: if it was taken for deleted before then, it is
   * there again, with all that people did to it.
   */
  seenAt: number | undefined;
  /** A person added it: it counts whenever it was posted. */
  added?: boolean;
}

/** Stores a message as an event, history or a shortcut shows it. */
export async function storeMessage(
  tx: Tx,
  context: Context,
  message: IncomingMessage,
  circumstances: Circumstances,
): Promise<Kept> {
  if (await isTooOld(tx, context, message, circumstances)) return 'before our time';
  const before = message.bot === null ? undefined : await findMessageRow(tx, message);
  const kept = await upsertMessage(tx, message, context.clock.now(), circumstances);
  if (kept === 'edited' && before) await leaveCopies(tx, context, before, 'edited');
  if (kept === 'revived') await applyRevival(tx, context, message);
  if (kept !== 'unchanged' && kept !== 'before our time') await joinCopies(tx, context, message);
  return kept;
}

/** A text as old as that would be forgotten at once; a message that is known may still be deleted. */
async function isTooOld(
  tx: Tx,
  { clock, settings: { retentionMs } }: Context,
  message: IncomingMessage,
  { added = false }: Circumstances,
): Promise<boolean> {
  if (retentionMs === null || added) return false;
  if (tsToMs(message.ts) >= clock.now() - retentionMs) return false;
  return (await findMessageRow(tx, message)) === undefined;
}

/** Stores a reply, which may also be a message that a person added. */
export async function storeReply(
  tx: Tx,
  context: Context,
  reply: IncomingMessage & { threadTs: string },
  { seenAt }: Pick<Circumstances, 'seenAt'>,
): Promise<void> {
  const kept = await upsertReply(tx, reply, context.clock.now(), seenAt);
  if (kept === 'revived') await applyRevival(tx, context, reply);
}

/**
 * A message or reply is deleted: it no longer needs anybody, unless a copy takes its place.
 * @param at when, in ms since 1970: what Slack had before does not bring it back
 */
export async function applyDeletion(
  tx: Tx,
  context: DecisionContext,
  message: { channel: string; ts: string },
  at = context.clock.now(),
): Promise<void> {
  const before = await findMessageRow(tx, message);
  await markDeleted(tx, message, at);
  // Each reading of history reports a tombstone again.
  if (!before || before.deleted_at !== null) return;
  if (await leaveCopies(tx, context, before, 'deleted')) return;
  await refreshTitlesOf(tx, message);
  await applyDecision(tx, context, message, `deleted-${message.channel}-${message.ts}`);
}

/**
 * A message that was taken for deleted is there: it needs whom it needed before, and the audit log says
 * so.
 */
export async function applyRevival(
  tx: Tx,
  context: DecisionContext,
  { channel, ts }: { channel: string; ts: string },
): Promise<void> {
  const row = await findMessageRow(tx, { channel, ts });
  if (row && row.copy_of !== null) {
    await showCopies(tx, context, { channel, ts: row.copy_of });
    return;
  }
  const now = context.clock.now();
  await indexTitlesOf(tx, { channel, ts });
  const effect = await applyDecision(
    tx,
    context,
    { channel, ts },
    `revived-${channel}-${ts}-${now}`,
  );
  if (!effect || effect.before.flag === effect.after.flag) return;
  await recordRevival(tx, { channel, ts, user: context.workspace.self.userId }, effect, now);
}
