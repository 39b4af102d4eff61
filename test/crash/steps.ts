import type { SimView } from '../../sim/slack/types.ts';
import type { ViewValues } from '../../sim/slack/view-state.ts';
import { PATIENCE_MS, type World } from './world.ts';

/** What people do in a scripted day, and wait for. */

const COMMAND = '/classify-feedback';

/** Every event has come to the bot, or Slack has given it up. */
export async function settled(world: World): Promise<void> {
  await world.alive(world.slack.idle());
}

/** How often the bot has told somebody that it could not reach its database, and to try again. */
const countApologies = ({ slack }: World) =>
  JSON.stringify([slack.ephemerals(), slack.views]).split('I cannot reach my database').length;

/** A person does something that came to nothing once more, until it is seen that it was done. */
export async function doUntil(
  world: World,
  what: string,
  { isDone, act }: { isDone: () => boolean; act: () => Promise<{ acked: boolean }> },
): Promise<void> {
  for (;;) {
    await world.connected();
    if (isDone()) return;
    const apologies = countApologies(world);
    if (!(await world.alive(act())).acked) continue;
    await seen(world, what, () => isDone() || countApologies(world) > apologies);
  }
}

export function seen<T>({ slack, alive }: World, what: string, look: () => T | undefined | false) {
  return alive(slack.waitFor(look, { timeoutMs: PATIENCE_MS, what }));
}

/** A person whose command came to nothing types it again. */
export async function typeCommand(world: World, user: string): Promise<void> {
  const { slack, channel } = world;
  for (;;) {
    await world.connected();
    const apologies = countApologies(world);
    const answer = await world.alive(slack.command({ command: COMMAND, text: '', user, channel }));
    if (answer.acked && countApologies(world) === apologies) return;
  }
}

/** A modal that has not been opened by then was asked for too late: Slack opens it no more. */
const MODAL_MS = 10_000;

/**
 * What a person types or presses that opens a modal.
 * @returns the modal; undefined when something came to nothing
 */
export async function openedBy(
  { slack, alive, starts }: World,
  ask: () => Promise<{ acked: boolean }>,
): Promise<SimView | undefined> {
  const before = new Set(slack.views.map(({ id }) => id));
  const began = starts();
  if (!(await alive(ask())).acked) return undefined;
  const opened = () => slack.views.find(({ id }) => !before.has(id));
  const openedOrDied = () => opened() ?? starts() > began;
  await alive(slack.waitFor(openedOrDied, { timeoutMs: MODAL_MS }).catch(() => {}));
  return opened();
}

/** Opens the settings, and clears the name of a category in them. */
export async function openSettings(
  world: World,
  key: string,
): Promise<{ form: SimView; values: ViewValues | undefined } | undefined> {
  const { slack, channel, ana: user } = world;
  await world.connected();
  const command = { command: COMMAND, text: 'settings', user, channel };
  const form = await openedBy(world, () => slack.command(command));
  if (!form) return undefined;
  const blocks = form.view.blocks as { block_id: string }[];
  const name = blocks.find(({ block_id }) => block_id.endsWith(`-c-${key}-name`));
  return { form, values: name && { [name.block_id]: { settings_input: '' } } };
}

export async function batchesMade({ claude, alive }: World, count: number): Promise<void> {
  await alive(
    claude.waitFor(() => claude.batches().length >= count, {
      timeoutMs: PATIENCE_MS,
      what: `batch ${count}`,
    }),
  );
}

/** The batch that has this message. */
export function batchOf({ claude, messages }: World, name: string) {
  const id = messages.get(name)?.replace('.', '_') ?? '';
  const batch = claude
    .batches()
    .find(({ requests }) => requests.some(({ custom_id }) => custom_id.includes(id)));
  if (!batch) throw new Error(`no batch has ${name}`);
  return batch;
}

/** Claude has been asked to end the batch that has this message. */
export async function canceled(world: World, name: string): Promise<void> {
  const { claude, alive } = world;
  const asked = () => batchOf(world, name).status === 'canceling';
  await alive(claude.waitFor(asked, { timeoutMs: PATIENCE_MS, what: 'a batch to be canceled' }));
}

const parentOf = ({ slack, channel }: World, digest: number) =>
  slack.messages(channel).filter(({ metadata }) => metadata?.event_type === 'winnow_digest')[
    digest - 1
  ];

/** How far the run is, in the post that becomes the n-th summary. */
export async function receiptSays(world: World, digest: number, words: string): Promise<void> {
  const { slack, alive } = world;
  const said = () => parentOf(world, digest)?.text?.includes(words);
  const what = `"${words}" in summary ${digest}`;
  await alive(slack.waitFor(said, { timeoutMs: PATIENCE_MS, what }));
}

/** Posts that link to single messages, before the lists are there. */
const UNLISTED: unknown[] = ['winnow_card', 'winnow_unsure', 'winnow_honesty'];

/** The n-th summary links to all of these, and all that are no noise have a reaction. */
export async function toldOf(world: World, digest: number, names: string[]): Promise<void> {
  const { slack, channel, messages } = world;
  const published = () => {
    const parent = parentOf(world, digest);
    if (!parent) return false;
    const thread = slack.thread(channel, parent.ts);
    const linksIn = (posts: typeof thread) =>
      posts.flatMap((post) => slack.links(post).map(({ url }) => url)).join(' ');
    const lists = linksIn(
      thread.filter(({ metadata }) => !UNLISTED.includes(metadata?.event_type ?? '')),
    );
    const noise = linksIn(thread.filter(({ metadata }) => metadata?.event_type === 'winnow_noise'));
    return names.every((name) => {
      const ts = messages.get(name) ?? '';
      const place = `p${ts.replace('.', '')}`;
      const judged =
        noise.includes(place) || (slack.message(channel, ts)?.reactions.length ?? 0) > 0;
      return lists.includes(place) && judged;
    });
  };
  await world.alive(
    slack.waitFor(published, {
      timeoutMs: PATIENCE_MS,
      what: `summary ${digest} and its reactions`,
    }),
  );
}

/** The bot's reactions on a message are these, and no others. */
export async function hasReactions(world: World, name: string, wanted: string[]): Promise<void> {
  const { slack, channel, messages, alive } = world;
  const ownOf = (ts: string) =>
    (slack.message(channel, ts)?.reactions ?? []).flatMap((reaction) =>
      reaction.users.includes(slack.botUserId) ? reaction.name : [],
    );
  const has = () =>
    ownOf(messages.get(name) ?? '')
      .sort()
      .join() === wanted.toSorted().join();
  const what = `${wanted.join(' and ')} on ${name}`;
  await alive(slack.waitFor(has, { timeoutMs: PATIENCE_MS, what }));
}
