import type { SlackSim } from '../sim/slack/slack-sim.ts';
import type { SimMessage } from '../sim/slack/types.ts';
import type { StandIns } from '../sim/stand-ins.ts';
import { renderEmoji, renderForTerminal } from '../sim/terminal.ts';
import { FLAG, listPosts, ownReactions, payloadOf, readLists, says } from './tally.ts';

/**
 * Two people act on flagged messages, with reactions and buttons, on the messages and on their cards.
 * Each waits until the card shows the act.
 */

type Place = 'message' | 'card';
type Step =
  | { kind: 'react' | 'unreact'; name: string; on: Place }
  | { kind: 'press'; action: string }
  /** Corrects it to the first other category. */
  | { kind: 'correct'; by: 'reaction' | 'select' };

const react = (name: string, on: Place): Step => ({ kind: 'react', name, on });
const press = (action: string): Step => ({ kind: 'press', action });

/** The index of the card, the person, the act, and the line that the card then has. */
type Move = [card: number, person: 'ben' | 'chloe', step: Step, line: string];

const MOVES: Move[] = [
  [0, 'ben', react('eyes', 'message'), 'state-claimed'],
  [0, 'ben', { kind: 'correct', by: 'select' }, 'category-person'],
  [1, 'chloe', react('white_check_mark', 'card'), 'state-resolved'],
  [2, 'ben', react('no_good', 'message'), 'state-dismissed'],
  [3, 'chloe', react('eyes', 'card'), 'state-claimed'],
  [3, 'chloe', { kind: 'unreact', name: 'eyes', on: 'card' }, 'taken-back'],
  [4, 'ben', press('flag_claim'), 'state-claimed'],
  [4, 'chloe', press('flag_resolve'), 'state-resolved'],
  [5, 'chloe', { kind: 'correct', by: 'reaction' }, 'category-person'],
  [6, 'ben', press('flag_dismiss'), 'state-dismissed'],
  [6, 'chloe', press('flag_undo'), 'taken-back'],
];

/** How many messages the acts need. */
const NEEDED = Math.max(...MOVES.map(([card]) => card)) + 1;

/** @param warn called when there are too few flagged messages */
export async function playPeople(
  standIns: StandIns,
  {
    say,
    warn,
    timeoutMs,
  }: { say(line: string): void; warn(line: string): void; timeoutMs: number },
): Promise<void> {
  const { slack, channel, names, people } = standIns;
  const [, ben, chloe] = people;
  const cards = await slack.waitFor(() => findCards(standIns), { timeoutMs, what: 'the cards' });
  if (cards.length < NEEDED) {
    warn(
      cards.length === 0
        ? 'Nothing is flagged, so there is nothing to act on.'
        : `Their acts need ${NEEDED} flagged messages, but there ${cards.length === 1 ? 'is' : 'are'} only ${cards.length}: some acts are skipped.`,
    );
  }
  for (const [card, person, step, line] of MOVES) {
    const { ts } = cards[card] ?? {};
    if (ts === undefined) continue;
    const user = person === 'ben' ? ben : chloe;
    const shown = () => slack.message(channel, ts) ?? fail(`The card ${ts} is gone.`);
    const words = await act(standIns, user, shown(), step);
    await slack.waitFor(() => says(shown(), line), {
      timeoutMs,
      what: `${line} on the card ${ts}`,
    });
    const lines = (shown().blocks ?? []).filter(({ block_id }) => block_id === line);
    const outcome = renderForTerminal(names, { text: '', blocks: lines }).split('\n')[0];
    say(`    ${names.get(user)} ${words}: ${outcome}`);
  }
  await slack.waitFor(() => hasFollowed(standIns), {
    timeoutMs,
    what: '🚩, the reactions, the numbers and the lists to follow',
  });
}

/** The cards, once as many messages with a 🚩 have one as are to have one; false before. */
function findCards({ slack, channel }: StandIns): SimMessage[] | false {
  const cards = listPosts(slack, channel, 'winnow_card');
  const flagged = slack.messages(channel).filter((post) => isFlagged(slack, post));
  return cards.length === Math.min(flagged.length, CARDS) && cards;
}

/** How many the bot makes in a summary: NEEDS_SHOWN by default. */
const CARDS = 7;

const isFlagged = ({ botUserId }: SlackSim, { reactions }: SimMessage) =>
  reactions.some(({ name, users }) => name === FLAG && users.includes(botUserId));

/** @returns a description of the act */
async function act(
  { slack, channel }: StandIns,
  user: string,
  card: SimMessage,
  step: Step,
): Promise<string> {
  const message = targetOf(card);
  switch (step.kind) {
    case 'react':
    case 'unreact': {
      const { name, on, kind } = step;
      slack[kind]({ channel, ts: on === 'card' ? card.ts : message, user, name });
      const sign = renderEmoji(name);
      return kind === 'react' ? `puts ${sign} on a ${on}` : `takes ${sign} back from a ${on}`;
    }
    case 'press': {
      const { action: actionId } = step;
      const isButton = controlsOf(card).some(({ action_id }) => action_id === actionId);
      if (isButton) await click({ user, channel, ts: card.ts, actionId });
      else await choose(actionId);
      return `presses ${labelOf(card, actionId)} on a card`;
    }
    case 'correct': {
      const [emoji, value] = findOtherCategory(card);
      if (step.by === 'reaction') {
        slack.react({ channel, ts: message, user, name: emoji });
        return `puts ${renderEmoji(emoji)} on a message`;
      }
      const before = new Set(slack.views.map(({ id }) => id));
      await choose(SELECT);
      const { id } = await slack.waitFor(() => slack.views.find((view) => !before.has(view.id)));
      await click({ user, viewId: id, actionId: SELECT, selectedOption: value });
      return `changes the category to ${renderEmoji(emoji)} from a card`;
    }
    default:
      return step satisfies never;
  }

  /** In the menu of the card. */
  function choose(option: string): Promise<void> {
    return click({ user, channel, ts: card.ts, actionId: MENU, selectedOption: option });
  }

  async function click(press: Parameters<typeof slack.click>[0]): Promise<void> {
    const answer = await slack.click(press);
    if (!answer.acked) throw new Error(`A button did not work: ${answer.error}`);
  }
}

const SELECT = 'flag_category';
const MENU = 'flag_more';

interface Option {
  text: { text: string };
  value: string;
}

interface Control {
  action_id: string;
  text?: { text: string };
  options?: Option[];
}

const controlsOf = ({ blocks = [] }: SimMessage) =>
  blocks.flatMap(({ type, elements }) => (type === 'actions' ? (elements as Control[]) : []));

function labelOf(card: SimMessage, actionId: string): string {
  const controls = controlsOf(card);
  const button = controls.find(({ action_id }) => action_id === actionId);
  const options = controls.flatMap((control) => control.options ?? []);
  const shown = button?.text ?? options.find(({ value }) => value === actionId)?.text;
  return `[ ${shown?.text ?? actionId} ]`;
}

/** The categories with an emoji, which is the bot's reaction. */
const CATEGORIES: [emoji: string, key: string][] = [
  ['bulb', 'feature_request'],
  ['confounded', 'usability'],
  ['bug', 'bug'],
  ['tada', 'praise'],
  ['question', 'question'],
];

/** The emoji of the category that a card shows. */
function emojiOf({ blocks = [] }: SimMessage): string | undefined {
  const line = blocks.find(({ block_id }) => String(block_id).startsWith('category-'));
  return /"type":"emoji","name":"([^"]+)"/.exec(JSON.stringify(line ?? {}))?.[1];
}

/** Another category with an emoji, so that the bot's reaction changes. */
const findOtherCategory = (card: SimMessage) =>
  CATEGORIES.find(([emoji]) => emoji !== emojiOf(card)) ?? fail('There is no other category.');

/** The ts of the message that a card is about. */
const targetOf = (card: SimMessage) =>
  payloadOf(card).ts ?? fail(`The card ${card.ts} names no message.`);

/** Whether 🚩, the bot's reactions, the summary's numbers and its lists agree with the cards. */
function hasFollowed({ slack, channel }: StandIns): boolean {
  const cards = listPosts(slack, channel, 'winnow_card');
  const isOpen = (card: SimMessage) => says(card, 'state-open') || says(card, 'state-claimed');
  const open = slack.messages(channel).filter((post) => isFlagged(slack, post)).length;
  const [digest] = listPosts(slack, channel, 'winnow_digest');
  const counted = Number(
    /([\d,]+) needs? attention/.exec(digest?.text ?? '')?.[1]?.replaceAll(',', ''),
  );
  if (cards.length > 0 && (counted || 0) !== open) return false;

  const lists = readLists(slack, channel);
  return cards.every((card) => {
    const ts = targetOf(card);
    const message = slack.message(channel, ts);
    const [, category] = CATEGORIES.find(([emoji]) => emoji === emojiOf(card)) ?? [];
    if (!message || !category) return false;
    const own = ownReactions(slack, message).map(({ name }) => name);
    return (
      isFlagged(slack, message) === isOpen(card) &&
      own.length === 1 &&
      own[0] === emojiOf(card) &&
      // A long list spans several posts.
      lists
        .filter(({ listed }) => listed.has(ts))
        .map((list) => list.category)
        .join() === category
    );
  });
}

function fail(words: string): never {
  throw new Error(words);
}
