import { interpretMessageEvent } from '../../core/intake/message.ts';
import { type Context, isWatched } from '../../jobs/context.ts';
import { applyDeletion } from '../../jobs/people/apply-decision.ts';
import { applyWaitingReactions } from '../../jobs/people/reactions.ts';
import { upsertMessage } from '../../store/intake/messages.ts';
import { upsertReply } from '../../store/intake/replies.ts';
import type { Register } from '../tools.ts';

/** A `message` event of any kind: new, edited, deleted, a reply. */
export const registerMessage: Register = (app, { context, emit }) => {
  app.event('message', async ({ event }) => {
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

  await db.transaction().execute(async (tx) => {
    switch (intake.kind) {
      case 'message':
        await upsertMessage(tx, intake.message, clock.now());
        await applyWaitingReactions(tx, context, channel, intake.message.ts);
        return;
      case 'reply':
        await upsertReply(tx, intake.reply, clock.now());
        return;
      case 'deleted':
        await applyDeletion(tx, context, intake);
        return;
      default:
        intake satisfies never;
    }
  });
}
