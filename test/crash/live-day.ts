import { DEFAULT_EMOJI } from '../../src/core/people/acts.ts';
import { stateBlock } from '../../src/slack/blocks/people/card.ts';
import { forgetMessage, forgetPerson } from './forget.ts';
import { cardSays, seenCard } from './people-act.ts';
import { hasReactions, settled, toldOf, typeCommand } from './steps.ts';
import { trySettings } from './try-settings.ts';
import type { World } from './world.ts';

/**
 * The day on which messages are judged as they come. Each step waits for what the one before has come
 * to, so that the run claims the same messages together on every such day.
 */
export async function playLive(world: World): Promise<void> {
  const { slack, channel, ana, ben } = world;
  const post = (name: string, user: string, text: string) => {
    world.messages.set(name, slack.post({ channel, user, text }));
  };
  const ts = (name: string): string => world.messages.get(name) ?? '';

  await world.connected();
  slack.inviteBot(channel, ana);
  await settled(world);

  post('love', ben, 'I love the new dashboard, great work');
  await hasReactions(world, 'love', ['tada']);
  // The post of the day appears with the first message that needs attention.
  post('crash', ana, 'Urgent: the app crashes on every login and I lost all my data');
  await hasReactions(world, 'crash', ['bug', DEFAULT_EMOJI.flag]);
  await seenCard(world, 'crash');
  slack.react({ channel, ts: ts('crash'), user: ben, name: DEFAULT_EMOJI.claim });
  await cardSays(world, 'crash', stateBlock('claimed'));

  slack.edit({ channel, ts: ts('love'), text: 'Please add a dark mode to the dashboard' });
  await hasReactions(world, 'love', ['bulb']);
  post('thanks', ana, 'Thanks, wonderful release!');
  await hasReactions(world, 'thanks', ['tada']);
  slack.delete({ channel, ts: ts('thanks') });
  await settled(world);
  post('loss', ben, 'Urgent: sync crashes and I lost all my runs');
  await hasReactions(world, 'loss', ['bug', DEFAULT_EMOJI.flag]);
  await seenCard(world, 'loss');

  // Somebody wants the summary now.
  await typeCommand(world, ana);
  await toldOf(world, 1, ['love', 'crash', 'loss']);
  await world.rest();
  await trySettings(world, 'praise');
  await world.rest();
  await forgetMessage(world, 'crash');
  await world.rest();
  await forgetPerson(world, ben, 'loss');
  await world.rest();
  await world.end();
}
