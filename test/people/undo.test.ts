import { describe, expect, test } from 'vitest';
import { BUG, FLAG, HOUR_MS, type People, pressOn, startSummedUp, words } from './stage.ts';

/** Whatever somebody did can be taken back, and exactly that: what others did stands. */

const STEPS = [
  ['claim', 'eyes', '“claimed”'],
  ['resolve', 'white_check_mark', '“resolved”'],
  ['dismiss', 'no_good', '“not an issue”'],
] as const;

const PLACES: [string, (people: People, ts: string) => string][] = [
  ['original', (_people, ts) => ts],
  ['card', (people, ts) => people.card(ts).ts],
];

async function expectOpen(people: People, ts: string) {
  expect(people.stateOf(ts)).toBe('open');
  expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
  expect(await people.flag(ts)).toEqual({ state: 'open', by: null });
  expect(words(people.digest().blocks)).toContain('1 needs attention');
  expect(people.list('bug')).toContain(`:${FLAG}:`);
}

describe.each(STEPS)('%s', (act, emoji, name) => {
  test.each(PLACES)('by taking the reaction on the %s back', async (_place, find) => {
    const people = await startSummedUp([BUG]);
    const { ben } = people;
    const [ts = ''] = people.sent;
    const item = find(people, ts);
    const posts = people.calls('chat.postMessage');
    await people.react(ben, item, emoji);
    expect(people.stateOf(ts)).not.toBe('open');
    await people.takeBack(ben, item, emoji);
    await expectOpen(people, ts);
    expect(words(people.card(ts).blocks)).toContain(`ben took back ${name}`);
    expect(people.calls('chat.postMessage')).toBe(posts);
    const [done, undone] = await people.acts();
    expect(done).toMatchObject({ kind: act, state: 'taken', undone_by: undone?.id });
    expect(undone).toMatchObject({ kind: 'undo', state: 'taken', undoes: done?.id, user: ben });
  });

  test('by the button, by somebody else', async () => {
    const people = await startSummedUp([BUG]);
    const { ben, cleo } = people;
    const [ts = ''] = people.sent;
    await people.press(ben, ts, act);
    await people.press(cleo, ts, 'undo');
    await expectOpen(people, ts);
    expect(words(people.card(ts).blocks)).toContain(`cleo took back ${name}`);
  });
});

test('taking back what is not the last leaves the last, and then nothing stands', async () => {
  const people = await startSummedUp([BUG]);
  const { ben, cleo } = people;
  const [ts = ''] = people.sent;
  await people.react(ben, ts, 'eyes');
  await people.react(cleo, ts, 'white_check_mark');
  await people.takeBack(ben, ts, 'eyes');
  expect(people.stateOf(ts)).toBe('resolved');
  expect(people.reactionsOf(ts)).toEqual(['bug']);
  expect(words(people.card(ts).blocks)).toContain('Resolved by cleo');
  await people.takeBack(cleo, ts, 'white_check_mark');
  await expectOpen(people, ts);
});

test('who reacts in both places, or by two names of one emoji, takes back one of two', async () => {
  const people = await startSummedUp([BUG]);
  const { ben } = people;
  const [ts = ''] = people.sent;
  const { ts: card } = people.card(ts);
  await people.react(ben, ts, 'white_check_mark');
  await people.react(ben, card, 'white_check_mark');
  await people.react(ben, card, 'heavy_check_mark');
  await people.takeBack(ben, ts, 'white_check_mark');
  await people.takeBack(ben, card, 'heavy_check_mark');
  expect(people.stateOf(ts)).toBe('resolved');
  await people.takeBack(ben, card, 'white_check_mark');
  await expectOpen(people, ts);
});

test('a reaction whose act the button has undone may stay, go, and come again', async () => {
  const people = await startSummedUp([BUG]);
  const { slack, channel, ben, cleo } = people;
  const [ts = ''] = people.sent;
  await people.react(ben, ts, 'eyes');
  await people.press(cleo, ts, 'undo');
  await expectOpen(people, ts);
  // It stays where it is: nobody but ben takes it away.
  const there = slack.message(channel, ts)?.reactions.find(({ name }) => name === 'eyes');
  expect(there?.users).toEqual([ben]);
  await people.takeBack(ben, ts, 'eyes');
  await expectOpen(people, ts);
  await people.react(ben, ts, 'eyes');
  expect(people.stateOf(ts)).toBe('claimed');
  await people.takeBack(ben, ts, 'eyes');
  await expectOpen(people, ts);
});

test('the button undoes the last that changed the state, one after another', async () => {
  const people = await startSummedUp([BUG]);
  const { ben, cleo } = people;
  const [ts = ''] = people.sent;
  await people.react(ben, ts, 'eyes');
  await people.press(cleo, ts, 'category', 'usability');
  await people.press(cleo, ts, 'resolve');
  await people.press(ben, ts, 'undo');
  expect(people.stateOf(ts)).toBe('claimed');
  await people.press(ben, ts, 'undo');
  expect(people.stateOf(ts)).toBe('open');
  // A category is no state: it stays.
  expect(people.reactionsOf(ts)).toEqual(['confounded', FLAG]);
});

test('two who press Undo at once undo one thing', async () => {
  const people = await startSummedUp([BUG]);
  const { slack, channel, ben } = people;
  const [ts = ''] = people.sent;
  await people.react(ben, ts, 'eyes');
  await people.react(ben, ts, 'white_check_mark');
  const newcomers = ['dora', 'eli'].map((name) => slack.addUser({ name }));
  // Until Slack says who they are, neither is taken.
  slack.faults.add({
    method: 'users.info',
    kind: 'status',
    status: 500,
    times: Number.POSITIVE_INFINITY,
  });
  for (const user of newcomers) {
    slack.join(channel, user);
    await pressOn(people, people.card(ts), user, 'undo');
  }
  expect(people.stateOf(ts)).toBe('resolved');
  slack.faults.clear();
  await people.rest();
  expect(people.stateOf(ts)).toBe('claimed');
  const undone = (await people.acts()).filter(({ kind }) => kind === 'undo');
  expect(undone).toMatchObject([{ state: 'taken' }, { state: 'refused', refusal: 'moot' }]);
  expect(people.told(newcomers[1] ?? '')).toEqual([]);
});

test('back and forth a day later it is still the same card', async () => {
  const people = await startSummedUp([BUG]);
  const { ben, clock } = people;
  const [ts = ''] = people.sent;
  const posts = people.calls('chat.postMessage');
  for (let round = 0; round < 3; round++) {
    await people.react(ben, ts, 'white_check_mark');
    expect(people.reactionsOf(ts)).toEqual(['bug']);
    clock.jump(8 * HOUR_MS);
    await people.takeBack(ben, ts, 'white_check_mark');
    await expectOpen(people, ts);
  }
  expect(people.calls('chat.postMessage')).toBe(posts);
  expect(await people.acts()).toHaveLength(6);
});
