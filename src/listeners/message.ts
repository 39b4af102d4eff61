import { interpretMessageEvent } from '../core/intake/message.ts';
import { type Deps, isWatched } from '../jobs/deps.ts';
import { takeWaitingReactions } from '../jobs/people/reactions.ts';
import { takeDeletion } from '../jobs/people/settle.ts';
import { discoverChannel, findChannel } from '../store/intake/channels.ts';
import { keepMessage } from '../store/intake/messages.ts';
import { keepReply } from '../store/intake/replies.ts';

/** A `message` event of any kind. Resolves when what it means is committed, not before. */
export async function onMessage(deps: Deps, event: unknown): Promise<void> {
  const { db, clock, self, log } = deps;
  const intake = interpretMessageEvent(event, self);
  if (intake.kind === 'ignored') {
    log.debug({ because: intake.because }, 'a message was ignored');
    return;
  }
  const { channel } =
    intake.kind === 'message' ? intake.message : intake.kind === 'reply' ? intake.reply : intake;
  if (!isWatched(deps, channel)) return;

  await db.transaction().execute(async (tx) => {
    // An event is only sent where the bot is a member: a channel not known yet is one all the same.
    if (!(await findChannel(tx, channel))) await discoverChannel(tx, channel, null);
    switch (intake.kind) {
      case 'message':
        await keepMessage(tx, intake.message, clock.now());
        await takeWaitingReactions(tx, deps, channel, intake.message.ts);
        return;
      case 'reply':
        await keepReply(tx, intake.reply, clock.now());
        return;
      case 'deleted':
        await takeDeletion(tx, deps, intake);
        return;
      default:
        intake satisfies never;
    }
  });
}
