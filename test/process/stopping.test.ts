import { expect, test } from 'vitest';
import { keysOf, openPlace } from './bot.ts';

/** SIGTERM at an awkward moment: it ends with 0 in time, and the next process does the rest. */

/** On a busy machine everything takes its time, a start as well. */
const limitMs = (startMs: number) => Math.max(10_000, 5 * startMs);

test('in the middle of a run, with posts and reactions waiting for their turn', async () => {
  // At Slack's own pace: a post a second.
  const place = await openPlace({ rateScale: 1 });
  const { slack, claude } = place;
  const bot = place.start();
  await bot.logged('messages count from here on');
  const startMs = bot.age();
  for (let n = 1; n <= 12; n++) place.post(`Urgent: it crashes and I lost my data (No. ${n})`);
  await slack.idle();
  await place.type();
  await slack.waitFor(() => place.posts().length >= 3);
  const stoppedAt = bot.age();
  bot.process.kill('SIGTERM');
  expect((await bot.ended).code).toBe(0);
  expect(bot.age() - stoppedAt).toBeLessThan(limitMs(startMs));
  const before = keysOf(place.posts());
  expect(before.length).toBeLessThan(10);

  const next = place.start({ SLACK_RATE_SCALE: '600' });
  // The digest, seven cards, how many more there are, and the list.
  await slack.waitFor(() => place.posts().length >= 10 && place.reacted().length === 12);
  next.process.kill('SIGTERM');
  expect((await next.ended).code).toBe(0);
  const keys = keysOf(place.posts());
  expect(new Set(keys).size).toBe(10);
  expect(keys).toHaveLength(10);
  expect(keys.slice(0, before.length)).toEqual(before);
  expect(claude.batches()).toHaveLength(1);
});

test('while Claude has the batch: its results are taken by the next process', async () => {
  const place = await openPlace();
  const { slack, claude } = place;
  claude.holdBatches(true);
  const bot = place.start();
  await bot.logged('messages count from here on');
  place.post('It crashes');
  await slack.idle();
  await place.type();
  await bot.logged('a batch was submitted');
  bot.process.kill('SIGTERM');
  expect((await bot.ended).code).toBe(0);
  expect(bot.lines.at(-1)).toMatchObject({ msg: 'stopped', ended: 'drained' });
  claude.holdBatches(false);
  const next = place.start();
  await slack.waitFor(() => place.posts().length === 3);
  next.process.kill('SIGTERM');
  expect((await next.ended).code).toBe(0);
  expect(claude.batches()).toHaveLength(1);
});

test('people are answered while a job does not end, and the next process does the rest', async () => {
  const place = await openPlace();
  const { slack } = place;
  const bot = place.start();
  await bot.logged('messages count from here on');
  slack.faults.add({ kind: 'hang', method: 'chat.postMessage', times: Number.POSITIVE_INFINITY });
  place.post('It crashes');
  await slack.idle();
  await place.type();
  await slack.waitFor(() => (slack.callCounts.get('chat.postMessage') ?? 0) > 0);
  const startMs = bot.age();
  bot.process.kill('SIGTERM');
  await bot.logged('stopping');
  await place.type('status');
  place.post('Please add a dark mode');
  await slack.idle({ ignoreRetries: true });
  expect(bot.lines.filter(({ msg }) => msg === 'stopped')).toEqual([]);
  expect((await bot.ended).code).toBe(0);
  expect(bot.age() - startMs).toBeLessThan(limitMs(startMs));
  expect(bot.lines.at(-1)).toMatchObject({ msg: 'stopped', ended: 'too long' });

  slack.faults.clear();
  const next = place.start();
  await slack.waitFor(() => place.reacted().length === 1);
  next.process.kill('SIGTERM');
  expect((await next.ended).code).toBe(0);
  expect(new Set(keysOf(place.posts())).size).toBe(place.posts().length);
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s before it is ready', async (signal) => {
  const place = await openPlace();
  place.claude.faults.add({ kind: 'hang', path: /models/u });
  const bot = place.start();
  await place.claude.waitFor(() => place.claude.calls.length > 0);
  const startMs = bot.age();
  bot.process.kill(signal);
  expect(await bot.ended).toEqual({ code: 0, said: '' });
  expect(bot.age() - startMs).toBeLessThan(limitMs(startMs));
});
