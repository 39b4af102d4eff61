import { DEFAULT_EMOJI } from '../../src/core/people/acts.ts';
import { ACTIONS, HONESTY } from '../../src/slack/blocks/actions.ts';
import {
  CATEGORY_BLOCK,
  stateBlock,
  TAKEN_BACK_BLOCK,
} from '../../src/slack/blocks/people/card.ts';
import { doUntil, seen } from './steps.ts';
import type { World } from './world.ts';

/**
 * What people do to flagged messages in the scripted day. Whoever goes by what somebody did before
 * waits until it is seen: of two things done at once Slack tells in any order.
 */

/** *Don't wait*, on the receipt of the run that goes on. Who is not answered presses it again. */
export async function stopWaiting(world: World, user: string): Promise<void> {
  const { slack, channel } = world;
  const receipt = () =>
    slack.messages(channel).findLast(({ metadata }) => metadata?.event_type === 'winnow_digest');
  const hasButton = () => JSON.stringify(receipt()?.blocks ?? []).includes(ACTIONS.hurry);
  // The press of one that died is taken by the next, which takes the button away.
  await doUntil(world, 'the receipt to have no button', {
    isDone: () => !hasButton(),
    act: () => slack.click({ user, channel, ts: receipt()?.ts ?? '', actionId: ACTIONS.hurry }),
  });
}

/** Before the summary is complete: a card is reacted on as soon as it is there. */
export async function actEarly(world: World): Promise<void> {
  const { slack, channel, ben } = world;
  const ts = await seenCard(world, 'loss');
  slack.react({ channel, ts, user: ben, name: DEFAULT_EMOJI.claim });
}

/** The flagged messages are `crash`, `loss` and `freeze`. */
export async function actOnSummary(world: World): Promise<void> {
  const { slack, channel, ana, ben } = world;
  const { claim, resolve, dismiss } = DEFAULT_EMOJI;
  const on = (user: string, name: string, message: string) => ({
    channel,
    ts: world.messages.get(message) ?? '',
    user,
    name,
  });
  const onCard = async (user: string, name: string, message: string) => ({
    ...on(user, name, message),
    ts: await seenCard(world, message),
  });

  slack.react(on(ana, claim, 'crash'));
  slack.react(on(ben, 'confounded', 'dark'));
  await press(world, ana, 'freeze', ACTIONS.claim, stateBlock('claimed'));
  for (const message of ['crash', 'loss', 'freeze']) {
    await cardSays(world, message, stateBlock('claimed'));
  }
  await world.rest();

  slack.react(on(ben, dismiss, 'crash'));
  slack.unreact(await onCard(ben, claim, 'loss'));
  slack.react(await onCard(ben, resolve, 'freeze'));
  slack.react(on(ana, 'bulb', 'freeze'));
  await cardSays(world, 'crash', stateBlock('dismissed'));
  await cardSays(world, 'loss', TAKEN_BACK_BLOCK);
  await cardSays(world, 'freeze', stateBlock('resolved'));
  await cardSays(world, 'freeze', CATEGORY_BLOCK.person);
}

/** "Is this right?": one answer that it is, and one that it is not. */
export async function answerQuestions(world: World): Promise<void> {
  await answer(world, world.ana, 'test', { actionId: HONESTY.right });
  await answer(world, world.ben, 'crash', {
    actionId: HONESTY.wrong,
    selectedOption: 'usability',
  });
}

/** A person whose answer did not arrive gives it again, unless the question names them. */
async function answer(
  world: World,
  user: string,
  message: string,
  how: { actionId: string; selectedOption?: string },
): Promise<void> {
  const { slack, channel, messages } = world;
  const about = `about-${channel}-${messages.get(message)}-`;
  const find = () => {
    for (const { ts, blocks = [], metadata } of slack.messages(channel)) {
      if (metadata?.event_type !== 'winnow_honesty') continue;
      const place = blocks.findIndex(({ block_id }) => String(block_id).startsWith(about));
      if (place < 0) continue;
      const answered = JSON.stringify(blocks[place - 1]).includes('Answered by');
      return { ts, blockId: String(blocks[place]?.block_id), answered };
    }
    return undefined;
  };
  await doUntil(world, `an answer about ${message}`, {
    isDone: () => find()?.answered ?? false,
    async act() {
      const { ts, blockId } = await seen(world, `a question about ${message}`, find);
      return slack.click({ user, channel, ts, blockId, ...how });
    },
  });
}

function findCard({ slack, channel, messages }: World, message: string) {
  return slack.messages(channel).find(({ metadata }) => {
    const payload = metadata?.event_payload as { ts?: unknown } | undefined;
    return metadata?.event_type === 'winnow_card' && payload?.ts === messages.get(message);
  });
}

const says = (world: World, message: string, block: string) =>
  findCard(world, message)?.blocks?.some(({ block_id }) => block_id === block) ?? false;

export const seenCard = (world: World, message: string) =>
  seen(world, `the card of ${message}`, () => findCard(world, message)?.ts);

export async function cardSays(world: World, message: string, block: string): Promise<void> {
  await seen(world, `${block} on the card of ${message}`, () => says(world, message, block));
}

/** A person whose button did nothing presses it again, unless the card shows that it did. */
async function press(
  world: World,
  user: string,
  message: string,
  actionId: string,
  block: string,
): Promise<void> {
  const { slack, channel } = world;
  const ts = await seenCard(world, message);
  await doUntil(world, `${block} on the card of ${message}`, {
    isDone: () => says(world, message, block),
    act: () => slack.click({ user, channel, ts, actionId }),
  });
}
