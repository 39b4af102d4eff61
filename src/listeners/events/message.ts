import { interpretMessageEvent, readChangeTime } from '../../core/intake/message.ts';
import { type Context, isDirect, isWatched } from '../../jobs/context.ts';
import { applyDeletion, storeMessage, storeReply } from '../../jobs/intake/store-message.ts';
import { applyWaitingReactions } from '../../jobs/people/reactions.ts';
import { recordPresence } from '../../store/intake/channels.ts';
import type { Register } from '../tools.ts';
import { onQuestion } from './question.ts';

/** A `message` event of any kind: new, edited, deleted, a reply; or a direct message to the bot. */
export const registerMessage: Register = (app, { context, emit }) => {
  app.event('message', async ({ event }) => {
    if (isDirect(String(event.channel))) {
      if (await onQuestion(context, event)) emit('question');
      return;
    }
    await onMessage(context, event);
    emit('message');
  });
};

/** Commits what the event means. */
async function onMessage(context: Context, event: unknown): Promise<void> {
  const {
    db,
    clock,
    log,
    workspace: { self },
  } = context;
  const intake = interpretMessageEvent(event, self);
  if (intake.kind === 'ignored') {
    log.debug({ because: intake.because }, 'message ignored');
    return;
  }
  const { channel } =
    intake.kind === 'message' ? intake.message : intake.kind === 'reply' ? intake.reply : intake;
  if (!isWatched(context, channel)) return;

  const seenAt = readChangeTime(event);
  await db.transaction().execute(async (tx) => {
    await recordPresence(tx, channel);
    switch (intake.kind) {
      case 'message':
        await storeMessage(tx, context, intake.message, { seenAt });
        await applyWaitingReactions(tx, context, channel, intake.message.ts);
        return;
      case 'reply':
        await storeReply(tx, context, intake.reply, { seenAt });
        return;
      case 'deleted':
        await applyDeletion(tx, context, intake, Math.max(clock.now(), seenAt ?? 0));
        return;
      default:
        intake satisfies never;
    }
  });
}
