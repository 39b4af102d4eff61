import type { SimView } from '../../sim/slack/types.ts';
import { SETTINGS } from '../../src/slack/blocks/actions.ts';
import { PATIENCE_MS, type World } from './world.ts';

/**
 * Somebody takes a category away and has judged again what was judged under it. Whatever comes to
 * nothing they do once more.
 */

/** A modal that has not been opened by then was asked for too late: Slack opens it no more. */
const MODAL_MS = 10_000;

export async function changeSettings(world: World): Promise<void> {
  const { slack, alive, ana } = world;
  for (;;) {
    const offer = await dropCategory(world, 'question');
    if (!offer) continue;
    const answer = await alive(slack.submitView({ viewId: offer.id, user: ana }));
    if (answer.acked) break;
  }
  // Under the categories that are left it is noise.
  const gone = () => {
    const ts = world.messages.get('invite') ?? '';
    const { reactions = [] } = slack.message(world.channel, ts) ?? {};
    return !reactions.some(({ users }) => users.includes(slack.botUserId));
  };
  await alive(
    slack.waitFor(gone, { timeoutMs: PATIENCE_MS, what: 'a message to be judged again' }),
  );
}

/** @returns the offer to judge again; undefined when something came to nothing */
async function dropCategory(world: World, key: string): Promise<SimView | undefined> {
  const { slack, alive, channel, ana: user } = world;
  await world.connected();
  const before = new Set(slack.views.map(({ id }) => id));
  const starts = world.starts();
  const command = { command: '/classify-feedback', text: 'settings', user, channel };
  if (!(await alive(slack.command(command))).acked) return undefined;
  const opened = () => slack.views.find(({ id }) => !before.has(id));
  const openedOrDied = () => opened() ?? world.starts() > starts;
  await alive(slack.waitFor(openedOrDied, { timeoutMs: MODAL_MS }).catch(() => {}));
  const view = opened();
  if (!view) return undefined;
  const blocks = view.view.blocks as { block_id: string }[];
  const name = blocks.find(({ block_id }) => block_id.endsWith(`-c-${key}-name`));
  const values = name && { [name.block_id]: { settings_input: '' } };
  const answer = await alive(
    slack.submitView({ viewId: view.id, user, ...(values && { values }) }),
  );
  if (!answer.acked) return undefined;
  const after = slack.views.find(({ id }) => id === view.id);
  return after?.view.callback_id === SETTINGS.rejudge ? after : undefined;
}
