import { FORGOTTEN } from '../../src/core/privacy/forgotten.ts';
import { FORGET_SHORTCUT } from '../../src/slack/blocks/actions.ts';
import { seenCard } from './people-act.ts';
import { doUntil, openedBy } from './steps.ts';
import type { World } from './world.ts';

/**
 * An admin makes the bot forget a message, and then a person. Whatever comes to nothing they do once more, unless
 * the card shows that it did.
 */

export async function forgetMessage(world: World, message: string): Promise<void> {
  const { slack, channel, ana } = world;
  const ts = world.messages.get(message) ?? '';
  await forget(world, message, () =>
    slack.shortcut({ callbackId: FORGET_SHORTCUT, user: ana, channel, ts }),
  );
}

/** @param message one of theirs that has a card */
export async function forgetPerson(world: World, person: string, message: string): Promise<void> {
  const { slack, channel, ana: user } = world;
  const text = `forget <@${person}>`;
  await forget(world, message, () =>
    slack.command({ command: '/classify-feedback', text, user, channel }),
  );
}

async function forget(
  world: World,
  message: string,
  ask: () => Promise<{ acked: boolean }>,
): Promise<void> {
  const { slack, channel, ana: user } = world;
  const ts = await seenCard(world, message);
  const says = () => JSON.stringify(slack.message(channel, ts ?? '')?.blocks).includes(FORGOTTEN);
  await doUntil(world, `the card of ${message} to be forgotten`, {
    isDone: says,
    async act() {
      const view = await openedBy(world, ask);
      // Without a question it is done, and only to be seen.
      if (!view?.view.submit) return { acked: view !== undefined };
      return slack.submitView({ viewId: view.id, user });
    },
  });
}
