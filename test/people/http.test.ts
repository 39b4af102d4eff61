import { expect, test } from 'vitest';
import { ACTIONS, TRIAGE_SHORTCUT } from '../../src/slack/blocks/actions.ts';
import { BUG, FLAG, NOISE, openFromMenu, pressOn, startSummedUp, words } from './stage.ts';

/** The same over signed HTTP instead of Socket Mode. */

test('reactions, put and taken back, on the original and on the card', async () => {
  const people = await startSummedUp([BUG], { how: 'http' });
  const { ben, cleo } = people;
  const [ts = ''] = people.sent;
  await people.react(ben, ts, 'eyes');
  expect(people.stateOf(ts)).toBe('claimed');
  await people.react(cleo, people.card(ts).ts, 'white_check_mark');
  expect(people.reactionsOf(ts)).toEqual(['bug']);
  await people.takeBack(cleo, people.card(ts).ts, 'white_check_mark');
  await people.takeBack(ben, ts, 'eyes');
  expect(people.stateOf(ts)).toBe('open');
  expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
});

test('buttons, the select, Undo, and the answer to a guest', async () => {
  const people = await startSummedUp([BUG, NOISE], { how: 'http' });
  const { slack, channel, ben, cleo } = people;
  const [ts = '', noise = ''] = people.sent;
  await people.press(ben, ts, 'category', 'usability');
  await people.press(cleo, ts, 'resolve');
  expect(people.reactionsOf(ts)).toEqual(['confounded']);
  await people.press(ben, ts, 'undo');
  expect(people.reactionsOf(ts)).toEqual(['confounded', FLAG]);
  const list = people.posts().find(({ metadata }) => metadata?.event_type === 'winnow_noise');
  if (!list) throw new Error('no list of noise');
  await pressOn(people, list, cleo, 'flag');
  await people.rest();
  expect(people.stateOf(noise)).toBe('open');
  const guest = slack.addUser({ name: 'gil', isRestricted: true });
  slack.join(channel, guest);
  await people.press(guest, ts, 'claim');
  await slack.waitFor(() => people.told(guest).length > 0);
  expect(people.told(guest)).toEqual([expect.stringMatching(/^Guests can read/)]);
});

test('the shortcut, its buttons, and Why?', async () => {
  const people = await startSummedUp([BUG], { how: 'http' });
  const { slack, channel, ben } = people;
  const [ts = ''] = people.sent;
  const answer = await slack.shortcut({ callbackId: TRIAGE_SHORTCUT, user: ben, channel, ts });
  expect(answer).toMatchObject({ acked: true });
  const view = await slack.waitFor(() => slack.views.find(({ user }) => user === ben));
  await slack.click({ user: ben, viewId: view.id, actionId: ACTIONS.resolve });
  await slack.waitFor(() =>
    slack.views.some(
      ({ id, view: shown }) => id === view.id && words(shown.blocks).includes('Resolved by ben'),
    ),
  );
  await people.rest();
  expect(people.stateOf(ts)).toBe('resolved');
  await openFromMenu(slack, { user: ben, channel, ts: people.card(ts).ts }, 'why');
  await slack.waitFor(() =>
    slack.views.some(({ view: shown }) => words(shown.blocks).includes('medium urgency')),
  );
});
