import { describe, expect, test } from 'vitest';
import { BUG, FLAG, PRAISE, startPeople, startSummedUp, words } from './stage.ts';

/** Several people at once, the names of emoji, and whoever is no person. */

test('two who claim: the last has it, both are remembered', async () => {
  const people = await startSummedUp([BUG]);
  const { slack, channel, ben, cleo } = people;
  const [ts = ''] = people.sent;
  slack.react({ channel, ts, user: ben, name: 'eyes' });
  slack.react({ channel, ts, user: cleo, name: 'eyes' });
  await people.rest();
  expect(await people.flag(ts)).toEqual({ state: 'claimed', by: cleo });
  expect(words(people.card(ts).blocks)).toContain('Claimed by cleo');
  expect(await people.acts()).toMatchObject([
    { user: ben, kind: 'claim', state: 'taken', undone_by: null, after: { by: ben } },
    { user: cleo, kind: 'claim', state: 'taken', before: { by: ben }, after: { by: cleo } },
  ]);
  // Whoever gives up hands it back to who had it before.
  await people.takeBack(cleo, ts, 'eyes');
  expect(await people.flag(ts)).toEqual({ state: 'claimed', by: ben });
  expect(words(people.card(ts).blocks)).toContain('Claimed by ben');
});

test('one resolves on the original while another dismisses on the card', async () => {
  const people = await startSummedUp([BUG]);
  const { slack, channel, ben, cleo } = people;
  const [ts = ''] = people.sent;
  slack.react({ channel, ts, user: ben, name: 'white_check_mark' });
  slack.react({ channel, ts: people.card(ts).ts, user: cleo, name: 'no_good' });
  await people.rest();
  expect(people.stateOf(ts)).toBe('dismissed');
  expect(people.reactionsOf(ts)).toEqual(['bug']);
  await people.takeBack(cleo, people.card(ts).ts, 'no_good');
  expect(people.stateOf(ts)).toBe('resolved');
});

test('a button and a reaction at once: the card tells of the one that came last', async () => {
  const people = await startSummedUp([BUG]);
  const { slack, channel, ben, cleo } = people;
  const [ts = ''] = people.sent;
  slack.react({ channel, ts, user: ben, name: 'eyes' });
  await slack.idle();
  await people.press(cleo, ts, 'resolve');
  expect((await people.acts()).map(({ kind }) => kind)).toEqual(['claim', 'resolve']);
  expect(people.stateOf(ts)).toBe('resolved');
  expect(people.card(ts).text).toContain('Resolved by cleo');
});

test('the bot takes away nobody else’s reaction, whatever happens', async () => {
  const people = await startSummedUp([BUG]);
  const { slack, channel, ben, cleo } = people;
  const [ts = ''] = people.sent;
  const { ts: card } = people.card(ts);
  for (const name of ['eyes', FLAG, 'bug', 'white_check_mark', 'tada', '+1']) {
    await people.react(ben, ts, name);
    await people.react(cleo, card, name);
  }
  await people.press(cleo, ts, 'undo');
  await people.press(cleo, ts, 'category', 'noise');
  const others = (item: string) =>
    slack
      .message(channel, item)
      ?.reactions.filter(({ users }) => users.some((user) => user !== slack.botUserId))
      .map(({ name }) => name)
      .sort();
  const all = ['+1', 'bug', 'eyes', 'tada', FLAG, 'white_check_mark'];
  expect(others(ts)).toEqual(all);
  expect(others(card)).toEqual(all);
  // And on a card it has none of its own.
  expect(people.reactionsOf(card)).toEqual([]);
});

describe('names of an emoji', () => {
  test.each([
    ['heavy_check_mark', 'resolved'],
    ['ballot_box_with_check', 'resolved'],
    ['no_good::skin-tone-4', 'dismissed'],
    ['woman-gesturing-no', 'dismissed'],
    ['man-gesturing-no::skin-tone-2', 'dismissed'],
    ['eyes', 'claimed'],
  ])('%s', async (name, state) => {
    const people = await startSummedUp([BUG]);
    const [ts = ''] = people.sent;
    await people.react(people.ben, ts, name);
    expect(people.stateOf(ts)).toBe(state);
    await people.takeBack(people.ben, ts, name);
    expect(people.stateOf(ts)).toBe('open');
  });

  test.each(['+1::skin-tone-4', 'thumbsup'])('%s confirms', async (name) => {
    const people = await startSummedUp([BUG]);
    const [ts = ''] = people.sent;
    await people.react(people.ben, people.card(ts).ts, name);
    expect(await people.acts()).toMatchObject([{ kind: 'confirm', category: 'bug' }]);
  });

  test('other emoji for the settings, with their own other names', async () => {
    const emoji = { claim: 'hand', resolve: 'tada', dismiss: 'x', confirm: 'heart', flag: 'bell' };
    const people = await startSummedUp([BUG], { settings: { emoji } });
    const { ben } = people;
    const [ts = ''] = people.sent;
    expect(people.reactionsOf(ts)).toEqual(['bell', 'bug']);
    await people.react(ben, ts, 'raised_hand::skin-tone-6');
    expect(people.stateOf(ts)).toBe('claimed');
    await people.react(ben, ts, 'white_check_mark');
    expect(people.stateOf(ts)).toBe('claimed');
    // A setting comes before a category of the same emoji.
    await people.react(ben, ts, 'tada');
    expect(people.stateOf(ts)).toBe('resolved');
    expect(people.reactionsOf(ts)).toEqual(['bug']);
  });
});

describe('whoever is no person', () => {
  test('reactions of other bots change nothing and are told nothing', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel } = people;
    const [ts = ''] = people.sent;
    const robot = slack.addUser({ name: 'robot', isBot: true });
    slack.join(channel, robot);
    const before = people.card(ts);
    for (const item of [ts, before.ts]) {
      for (const name of ['eyes', 'white_check_mark', 'tada', '+1', FLAG]) {
        await people.react(robot, item, name);
      }
      await people.takeBack(robot, item, 'eyes');
    }
    expect(people.card(ts)).toMatchObject({ text: before.text, blocks: before.blocks });
    expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
    expect(people.told(robot)).toEqual([]);
    const states = (await people.acts()).map(({ state, refusal }) => `${state} ${refusal}`);
    expect(new Set(states)).toEqual(new Set(['refused moot']));
  });

  test('its own reactions are not taken for a person’s', async () => {
    const people = await startPeople([BUG, PRAISE]);
    await people.sumUp();
    expect(await people.acts()).toEqual([]);
  });
});
