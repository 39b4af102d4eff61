import { describe, expect, test } from 'vitest';
import { ACTIONS } from '../../src/slack/blocks/actions.ts';
import {
  type Action,
  BUG,
  FLAG,
  offers,
  type People,
  PRAISE,
  startSummedUp,
  words,
} from './stage.ts';

/** A flagged message from open to claimed, resolved or dismissed, wherever somebody says so. */

interface Step {
  act: Action & ('claim' | 'resolve' | 'dismiss');
  emoji: string;
  state: string;
  /** What the card says. */
  says: string;
}

const STEPS: Step[] = [
  { act: 'claim', emoji: 'eyes', state: 'claimed', says: 'Claimed by ben' },
  { act: 'resolve', emoji: 'white_check_mark', state: 'resolved', says: 'Resolved by ben' },
  { act: 'dismiss', emoji: 'no_good', state: 'dismissed', says: 'Not an issue, says ben' },
];

const WAYS: [string, (people: People, ts: string, step: Step) => Promise<void>][] = [
  ['a reaction on the original', (people, ts, { emoji }) => people.react(people.ben, ts, emoji)],
  [
    'a reaction on the card',
    (people, ts, { emoji }) => people.react(people.ben, people.card(ts).ts, emoji),
  ],
  ['the button', (people, ts, { act }) => people.press(people.ben, ts, act)],
];

describe.each(STEPS)('$act', (step) => {
  test.each(WAYS)('by %s', async (_way, go) => {
    const people = await startSummedUp([BUG, PRAISE]);
    const { slack, channel, sent, ben } = people;
    const [ts = ''] = sent;
    expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
    const before = people.card(ts);
    const posts = people.calls('chat.postMessage');
    const everything = slack.messages(channel).length;
    await go(people, ts, step);

    // The card is the same post, with other words.
    const card = people.card(ts);
    expect(card.ts).toBe(before.ts);
    expect(people.calls('chat.postMessage')).toBe(posts);
    expect(slack.messages(channel)).toHaveLength(everything);
    expect(people.stateOf(ts)).toBe(step.state);
    expect(words(card.blocks)).toContain(step.says);
    expect(card.text).toContain(step.says);

    // 🚩 says that somebody is needed: claimed is not done.
    const isOver = step.act !== 'claim';
    expect(people.reactionsOf(ts)).toEqual(isOver ? ['bug'] : ['bug', FLAG]);
    const buttons = offers(card.blocks);
    expect(buttons).toContain(ACTIONS.undo);
    expect(buttons.includes(ACTIONS.resolve)).toBe(!isOver);
    expect(buttons).toContain(ACTIONS.category);

    // The summary counts anew, above and in the list.
    const digest = words(people.digest().blocks);
    expect(digest).toContain(isOver ? 'Nothing needs attention any more.' : '1 needs attention');
    expect(digest.includes('1 resolved or dismissed.')).toBe(isOver);
    expect(people.list('bug').includes(`:${FLAG}:`)).toBe(!isOver);

    expect(await people.flag(ts)).toEqual({ state: step.state, by: ben });
    expect(await people.acts()).toMatchObject([
      { ts, user: ben, kind: step.act, state: 'taken', undone_by: null },
    ]);
  });
});

test('from open to claimed, resolved, and all the way back', async () => {
  const people = await startSummedUp([BUG]);
  const { ben, cleo } = people;
  const [ts = ''] = people.sent;
  const { ts: card } = people.card(ts);
  const posts = people.calls('chat.postMessage');

  await people.react(ben, ts, 'eyes');
  expect(people.stateOf(ts)).toBe('claimed');
  await people.press(cleo, ts, 'resolve');
  expect(people.stateOf(ts)).toBe('resolved');
  expect(words(people.card(ts).blocks)).toContain('Resolved by cleo');
  expect(people.reactionsOf(ts)).toEqual(['bug']);

  await people.press(ben, ts, 'undo');
  expect(people.stateOf(ts)).toBe('claimed');
  expect(words(people.card(ts).blocks)).toContain('Claimed by ben');
  expect(words(people.card(ts).blocks)).toContain('ben took back “resolved”');
  expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);

  await people.takeBack(ben, ts, 'eyes');
  expect(people.stateOf(ts)).toBe('open');
  expect(words(people.card(ts).blocks)).toContain('ben took back “claimed”');
  expect(words(people.digest().blocks)).toContain('1 needs attention');

  await people.react(cleo, card, 'no_good');
  expect(people.stateOf(ts)).toBe('dismissed');
  expect(words(people.card(ts).blocks)).not.toContain('took back');
  expect(people.cards(ts)).toHaveLength(1);
  expect(people.calls('chat.postMessage')).toBe(posts);
});

test.each([
  ['resolve', 'claim', 'claimed', ['bug', FLAG]],
  ['dismiss', 'resolve', 'resolved', ['bug']],
  ['resolve', 'dismiss', 'dismissed', ['bug']],
] as const)('after %s a reaction can still %s', async (first, second, state, reactions) => {
  const people = await startSummedUp([BUG]);
  const { ben, cleo } = people;
  const [ts = ''] = people.sent;
  const emojiOf = (wanted: string) => STEPS.find(({ act }) => act === wanted)?.emoji ?? '';
  await people.react(ben, ts, emojiOf(first));
  await people.react(cleo, people.card(ts).ts, emojiOf(second));
  expect(people.stateOf(ts)).toBe(state);
  expect(people.reactionsOf(ts)).toEqual(reactions);
  expect(await people.flag(ts)).toEqual({ state, by: cleo });
});

test('🚩 by a person opens again what was resolved', async () => {
  const people = await startSummedUp([BUG]);
  const { ben, cleo } = people;
  const [ts = ''] = people.sent;
  await people.react(ben, ts, 'white_check_mark');
  expect(people.reactionsOf(ts)).toEqual(['bug']);
  await people.react(cleo, ts, FLAG);
  expect(people.stateOf(ts)).toBe('open');
  expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
  expect(words(people.card(ts).blocks)).toContain('Flagged by cleo');
  expect(words(people.digest().blocks)).toContain('1 needs attention');
});

test('what is done to a message that needs no attention is noted and shown nowhere', async () => {
  const people = await startSummedUp([BUG, PRAISE]);
  const { ben } = people;
  const [, ts = ''] = people.sent;
  const updates = people.calls('chat.update');
  await people.react(ben, ts, 'eyes');
  await people.react(ben, ts, 'white_check_mark');
  expect(people.cards(ts)).toEqual([]);
  expect(people.reactionsOf(ts)).toEqual(['tada']);
  expect(people.calls('chat.update')).toBe(updates);
  expect(await people.flag(ts)).toBeUndefined();
  expect(await people.acts()).toMatchObject([
    { kind: 'claim', state: 'taken' },
    { kind: 'resolve', state: 'taken' },
  ]);
});

test('other emoji, and reactions on the summary and its lists, mean nothing', async () => {
  const people = await startSummedUp([BUG]);
  const { ben, posts } = people;
  const [ts = ''] = people.sent;
  const updates = people.calls('chat.update');
  await people.react(ben, ts, 'pizza');
  for (const post of posts().filter((one) => one.ts !== people.card(ts).ts)) {
    await people.react(ben, post.ts, 'white_check_mark');
  }
  expect(await people.acts()).toEqual([]);
  expect(people.calls('chat.update')).toBe(updates);
});
