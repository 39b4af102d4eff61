import type { SimView } from '../../sim/slack/types.ts';
import { SETTINGS } from '../../src/slack/blocks/actions.ts';
import { doUntil, openSettings } from './steps.ts';
import type { World } from './world.ts';

/**
 * Somebody takes a category away and has judged again what was judged under it. Whatever comes to
 * nothing they do once more.
 */

export async function changeSettings(world: World): Promise<void> {
  const { slack, ana: user } = world;
  // Under the categories that are left it is noise.
  const gone = () => {
    const ts = world.messages.get('invite') ?? '';
    const { reactions = [] } = slack.message(world.channel, ts) ?? {};
    return !reactions.some(({ users }) => users.includes(slack.botUserId));
  };
  await doUntil(world, 'a message to be judged again', {
    isDone: gone,
    async act() {
      const offer = await dropCategory(world, 'question');
      return offer ? slack.submitView({ viewId: offer.id, user }) : { acked: false };
    },
  });
}

/** @returns the offer to judge again; undefined when something came to nothing */
async function dropCategory(world: World, key: string): Promise<SimView | undefined> {
  const { slack, alive, ana: user } = world;
  const opened = await openSettings(world, key);
  if (!opened) return undefined;
  const { form, values } = opened;
  const answer = await alive(
    slack.submitView({ viewId: form.id, user, ...(values && { values }) }),
  );
  if (!answer.acked) return undefined;
  const after = slack.views.find(({ id }) => id === form.id);
  return after?.view.callback_id === SETTINGS.rejudge ? after : undefined;
}
