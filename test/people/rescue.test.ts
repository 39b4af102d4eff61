import { describe, expect, test } from 'vitest';
import {
  BUG,
  FLAG,
  IDEA,
  NOISE,
  offers,
  type People,
  PRAISE,
  pressOn,
  startSummedUp,
  words,
} from './stage.ts';

/** Noise that is none, and whatever else people say that somebody has to look at. */

const noisePost = (people: People) => {
  const post = people
    .posts()
    .find(
      ({ metadata, thread_ts }) =>
        metadata?.event_type === 'winnow_noise' && thread_ts === people.digest().ts,
    );
  if (!post) throw new Error('no list of noise');
  return post;
};

describe('noise is rescued', () => {
  test.each([
    ['🚩 on the original', (people: People, ts: string) => people.react(people.ben, ts, FLAG)],
    [
      'the button in the list',
      async (people: People) => {
        await pressOn(people, noisePost(people), people.ben, 'flag');
        await people.rest();
      },
    ],
  ] as const)('by %s: it gets a card in the thread', async (_way, rescue) => {
    const people = await startSummedUp([NOISE, PRAISE]);
    const { cleo } = people;
    const [ts = ''] = people.sent;
    expect(people.cards(ts)).toEqual([]);
    expect(offers(noisePost(people).blocks)).toEqual(['flag_open']);
    const posts = people.calls('chat.postMessage');
    await rescue(people, ts);

    expect(people.calls('chat.postMessage')).toBe(posts + 1);
    const card = people.card(ts);
    expect(card.thread_ts).toBe(people.digest().ts);
    expect(people.stateOf(ts)).toBe('open');
    expect(words(card.blocks)).toContain('Flagged by ben');
    expect(people.reactionsOf(ts)).toEqual([FLAG]);
    expect(words(people.digest().blocks)).toContain('1 needs attention');
    // In the list it is marked, and there is nothing left to rescue.
    expect(people.list('noise')).toContain(`Feedback after all: ${NOISE}`);
    expect(offers(noisePost(people).blocks)).toEqual([]);

    // From there on it is like any other.
    await people.react(cleo, card.ts, 'white_check_mark');
    expect(people.stateOf(ts)).toBe('resolved');
    expect(people.reactionsOf(ts)).toEqual([]);
    expect(words(people.digest().blocks)).toContain('1 resolved or dismissed.');
  });

  test('by the emoji of a category: it moves to that list', async () => {
    const people = await startSummedUp([NOISE, PRAISE]);
    const [ts = ''] = people.sent;
    await people.react(people.ben, ts, 'bulb');
    expect(people.reactionsOf(ts)).toEqual(['bulb']);
    expect(people.list('feature_request')).toContain(NOISE);
    expect(people.list('noise')).toContain('Nothing left here');
    expect(words(people.digest().blocks)).toContain(':bulb: 1 · :tada: 1');
    expect(people.digest().text).toContain('2 messages. ');
    await people.takeBack(people.ben, ts, 'bulb');
    expect(people.reactionsOf(ts)).toEqual([]);
    expect(people.list('noise')).toContain(NOISE);
    expect(people.digest().text).toContain('2 messages, 1 of them not feedback.');
  });

  test('twice, by two people, is one card', async () => {
    const people = await startSummedUp([NOISE, IDEA]);
    const { slack, channel, ben, cleo } = people;
    const [ts = ''] = people.sent;
    slack.react({ channel, ts, user: ben, name: FLAG });
    await slack.idle();
    await pressOn(people, noisePost(people), cleo, 'flag');
    await people.rest();
    expect(people.cards(ts)).toHaveLength(1);
    expect(words(people.card(ts).blocks)).toContain('Flagged by cleo');
    await people.takeBack(ben, ts, FLAG);
    expect(people.stateOf(ts)).toBe('open');
    expect(people.reactionsOf(ts)).toEqual([FLAG]);
  });

  test('and let go again: the card says so, the list offers it once more', async () => {
    const people = await startSummedUp([NOISE, IDEA]);
    const { ben, cleo } = people;
    const [ts = ''] = people.sent;
    await people.react(ben, ts, FLAG);
    const { ts: card } = people.card(ts);
    await people.takeBack(ben, ts, FLAG);
    expect(people.stateOf(ts)).toBe('withdrawn');
    expect(words(people.card(ts).blocks)).toContain('ben took back the flag');
    expect(people.reactionsOf(ts)).toEqual([]);
    expect(offers(noisePost(people).blocks)).toEqual(['flag_open']);
    expect(words(people.digest().blocks)).toContain('Nothing needs attention.');
    // Once more: the same card.
    await people.react(cleo, ts, FLAG);
    expect(people.card(ts).ts).toBe(card);
    expect(people.stateOf(ts)).toBe('open');
    expect(people.cards(ts)).toHaveLength(1);
  });
});

test('a message that no rule flags is flagged by a person, claimed and done', async () => {
  const people = await startSummedUp([IDEA, BUG]);
  const { ben, cleo } = people;
  const [ts = ''] = people.sent;
  await people.react(ben, ts, FLAG);
  expect(people.reactionsOf(ts)).toEqual(['bulb', FLAG]);
  expect(people.card(ts).thread_ts).toBe(people.digest().ts);
  expect(words(people.card(ts).blocks)).toContain('Flagged by ben');
  expect(words(people.digest().blocks)).toContain('2 need attention');
  expect(people.list('feature_request')).toContain(`:${FLAG}:`);
  await people.press(cleo, ts, 'claim');
  expect(people.stateOf(ts)).toBe('claimed');
  // Who flagged it takes that back: nobody has to do anything about it any more.
  await people.takeBack(ben, ts, FLAG);
  expect(people.stateOf(ts)).toBe('withdrawn');
  expect(people.reactionsOf(ts)).toEqual(['bulb']);
});

test('a flag by a person on what a rule flags is no second card, and goes without a trace', async () => {
  const people = await startSummedUp([BUG]);
  const { ben } = people;
  const [ts = ''] = people.sent;
  const posts = people.calls('chat.postMessage');
  await people.react(ben, ts, FLAG);
  await people.takeBack(ben, ts, FLAG);
  expect(people.stateOf(ts)).toBe('open');
  expect(words(people.card(ts).blocks)).toContain(
    'Flagged: bug, medium urgency, negative sentiment',
  );
  expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
  expect(people.calls('chat.postMessage')).toBe(posts);
});

test('a long list of noise keeps its rescued messages in their places', async () => {
  const many = Array.from({ length: 60 }, (_, n) => `lunch anyone ${n}`);
  const people = await startSummedUp(many);
  const lists = () =>
    people.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_noise');
  expect(lists().length).toBeGreaterThan(1);
  const posts = people.calls('chat.postMessage');
  for (const ts of people.sent.slice(0, 5)) {
    people.slack.react({ channel: people.channel, ts, user: people.ben, name: FLAG });
  }
  await people.rest();
  expect(people.calls('chat.postMessage')).toBe(posts + 5);
  const all = lists().map(({ blocks }) => words(blocks));
  expect(all.join('\n').match(/Feedback after all: /gu)).toHaveLength(5);
  for (const text of many) expect(all.filter((list) => list.includes(`${text}<`))).toHaveLength(1);
  expect(people.sent.slice(0, 5).map((ts) => people.cards(ts).length)).toEqual([1, 1, 1, 1, 1]);
});
