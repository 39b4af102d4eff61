import { expect, test } from 'vitest';
import { TRIAGE_SHORTCUT } from '../../src/slack/blocks/actions.ts';
import { BUG, FLAG, MINUTE_MS, NOISE, startSummedUp } from './stage.ts';

/** Every action is a row: who, what, when, before and after. */

test('reactions and buttons, in their order, with what they changed', async () => {
  const people = await startSummedUp([BUG]);
  const { slack, channel, clock, ben, cleo } = people;
  const [ts = ''] = people.sent;
  const begun = clock.now();
  await people.react(ben, ts, 'eyes');
  clock.jump(MINUTE_MS);
  await people.press(cleo, ts, 'category', 'usability');
  await people.react(ben, people.card(ts).ts, '+1');
  await people.press(cleo, ts, 'resolve');
  await people.press(ben, ts, 'undo');
  await people.takeBack(ben, ts, 'eyes');
  const guest = slack.addUser({ name: 'gil', isRestricted: true });
  slack.join(channel, guest);
  await people.react(guest, ts, 'no_good');

  const open = { flag: 'open', by: null };
  const claimed = { flag: 'claimed', by: ben };
  const resolved = { flag: 'resolved', by: cleo };
  const bug = { category: 'bug' };
  const usability = { category: 'usability' };
  const acts = await people.acts();
  const [first, , , resolution] = acts;
  expect(acts).toMatchObject([
    {
      ...{ user: ben, kind: 'claim', source: 'reaction', state: 'taken' },
      ...{ before: { ...open, ...bug }, after: { ...claimed, ...bug } },
    },
    {
      ...{ user: cleo, kind: 'correct', source: 'button', category: 'usability' },
      ...{ before: { ...claimed, ...bug }, after: { ...claimed, ...usability } },
    },
    {
      ...{ user: ben, kind: 'confirm', source: 'reaction', category: 'usability' },
      ...{ before: { ...claimed, ...usability }, after: { ...claimed, ...usability } },
    },
    {
      ...{ user: cleo, kind: 'resolve', source: 'button' },
      ...{ before: { ...claimed, ...usability }, after: { ...resolved, ...usability } },
    },
    {
      ...{ user: ben, kind: 'undo', source: 'button', undoes: resolution?.id },
      ...{ before: { ...resolved, ...usability }, after: { ...claimed, ...usability } },
    },
    {
      ...{ user: ben, kind: 'undo', source: 'reaction', undoes: first?.id },
      ...{ before: { ...claimed, ...usability }, after: { ...open, ...usability } },
    },
    {
      ...{ user: guest, kind: 'dismiss', source: 'reaction' },
      ...{ state: 'refused', refusal: 'guest', before: null, after: null },
    },
  ]);
  expect(new Set(acts.map((act) => act.ts))).toEqual(new Set([ts]));
  const times = acts.map(({ at }) => at);
  expect(times[0]).toBeGreaterThanOrEqual(begun);
  expect(times).toEqual([...times].sort((one, other) => one - other));
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(MINUTE_MS);
});

test('a rescue, and what the shortcut added', async () => {
  const people = await startSummedUp([NOISE]);
  const { slack, channel, user, ben } = people;
  const [noise = ''] = people.sent;
  const reply = slack.post({ channel, user, text: BUG, threadTs: noise });
  await slack.idle();
  await people.react(ben, noise, FLAG);
  await slack.shortcut({ callbackId: TRIAGE_SHORTCUT, user: ben, channel, ts: reply });
  await people.rest();
  expect(await people.acts()).toMatchObject([
    {
      ...{ ts: noise, user: ben, kind: 'flag', state: 'taken' },
      before: { flag: null, by: null, category: 'noise' },
      after: { flag: 'open', by: null, category: 'noise' },
    },
    { ts: reply, user: ben, kind: 'add', source: 'shortcut', state: 'taken' },
  ]);
});

test('what has no effect is a row all the same, and nothing that anybody sees', async () => {
  const people = await startSummedUp([BUG]);
  const { ben } = people;
  const [ts = ''] = people.sent;
  await people.react(ben, ts, 'eyes');
  const updates = people.calls('chat.update');
  await people.react(ben, people.card(ts).ts, 'eyes');
  const acts = await people.acts();
  expect(acts).toHaveLength(2);
  expect(acts[1]?.before).toEqual(acts[1]?.after);
  expect(people.calls('chat.update')).toBe(updates);
});
