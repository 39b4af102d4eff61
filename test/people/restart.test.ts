import { expect, test } from 'vitest';
import { sweep } from '../../src/jobs/intake/sweep.ts';
import { BUG, DAY_MS, FLAG, startSummedUp, words } from './stage.ts';

/** The process goes away between what somebody did and what follows from it. */

test('asked and not taken: the next process takes it', async () => {
  const people = await startSummedUp([BUG], { onDisk: true });
  const { slack, channel, ben } = people;
  const [ts = ''] = people.sent;
  slack.react({ channel, ts, user: ben, name: 'eyes' });
  await slack.idle();
  expect(await people.acts()).toMatchObject([{ state: 'asked' }]);
  await people.restart();
  await people.settle();
  expect(people.stateOf(ts)).toBe('claimed');
  expect(await people.acts()).toMatchObject([{ state: 'taken' }]);
});

test('taken and not shown: the next process shows it', async () => {
  const people = await startSummedUp([BUG], { onDisk: true });
  const { slack, channel, ben } = people;
  const [ts = ''] = people.sent;
  slack.faults.add({ method: 'chat.update', kind: 'rate_limit', retryAfter: 30 });
  slack.faults.add({ method: 'reactions.remove', kind: 'rate_limit', retryAfter: 30 });
  slack.react({ channel, ts, user: ben, name: 'white_check_mark' });
  await slack.idle();
  await people.step();
  expect(await people.flag(ts)).toEqual({ state: 'resolved', by: ben });
  expect(people.stateOf(ts)).toBe('open');
  await people.restart();
  await people.settle();
  expect(people.stateOf(ts)).toBe('resolved');
  expect(people.reactionsOf(ts)).toEqual(['bug']);
  expect(words(people.digest().blocks)).toContain('1 resolved or dismissed.');
});

test('in the middle of an update whose answer is lost', async () => {
  const people = await startSummedUp([BUG], { onDisk: true });
  const { slack, channel, ben } = people;
  const [ts = ''] = people.sent;
  const posts = people.calls('chat.postMessage');
  slack.faults.add({ method: 'chat.update', kind: 'cut', when: 'after' });
  slack.react({ channel, ts, user: ben, name: 'eyes' });
  await slack.idle();
  await people.step();
  await people.restart();
  await people.settle();
  expect(people.stateOf(ts)).toBe('claimed');
  expect(people.cards(ts)).toHaveLength(1);
  expect(people.calls('chat.postMessage')).toBe(posts);
});

test('what was done and undone while it was down is found by the sweep', async () => {
  const people = await startSummedUp([BUG, 'The search is broken and crashes'], { onDisk: true });
  const { slack, channel, ben, cleo } = people;
  const [ts = '', other = ''] = people.sent;
  const { ts: card } = people.card(other);
  await people.react(ben, ts, 'eyes');
  people.clock.jump(DAY_MS);
  await people.restart();
  slack.eventFaults.add({
    kind: 'drop',
    match: ({ type }) => String(type).startsWith('reaction_'),
    times: Number.POSITIVE_INFINITY,
  });
  slack.unreact({ channel, ts, user: ben, name: 'eyes' });
  slack.react({ channel, ts, user: cleo, name: 'no_good' });
  slack.react({ channel, ts: card, user: ben, name: 'white_check_mark' });
  slack.react({ channel, ts: other, user: ben, name: 'eyes' });
  slack.unreact({ channel, ts: other, user: ben, name: 'eyes' });
  await sweep(people.context, { lookBackMs: 3 * DAY_MS });
  await people.settle();
  expect(people.stateOf(ts)).toBe('dismissed');
  expect(people.stateOf(other)).toBe('resolved');
  expect(people.reactionsOf(other)).toEqual(['bug']);
  expect((await people.acts()).map(({ kind }) => kind).sort()).toEqual([
    'claim',
    'dismiss',
    'resolve',
    'undo',
  ]);
  // Taken back from then on, by events again.
  slack.eventFaults.clear();
  await people.connect();
  await people.takeBack(cleo, ts, 'no_good');
  await people.takeBack(ben, card, 'white_check_mark');
  expect([people.stateOf(ts), people.stateOf(other)]).toEqual(['open', 'open']);
  expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
});
