import { expect, test, vi } from 'vitest';
import { createRateLimits } from '../../../sim/slack/rate-limits.ts';
import { holdTimers, refusal, startStage } from './start-sim.ts';

test('rate limits allow a burst, then the rate of the tier, per method and per channel', () => {
  let now = 0;
  const limits = createRateLimits(1, () => now);
  const takeAll = (method: string, channel?: string) => {
    let taken = 0;
    while (limits.take(method, channel) === undefined) taken += 1;
    return taken;
  };
  expect(takeAll('reactions.add')).toBe(10);
  expect(limits.take('reactions.add')).toEqual({ of: 'workspace', seconds: 2 });
  expect(limits.take('reactions.remove')).toBeUndefined();
  expect(takeAll('chat.postMessage', 'C1')).toBe(4);
  expect(takeAll('chat.postMessage', 'C2')).toBe(4);
  now += 60_000;
  expect(takeAll('reactions.add')).toBe(10);
  now += 1200;
  expect(takeAll('reactions.add')).toBe(1);
  for (let i = 0; i < 60; i += 1) limits.take('chat.postMessage', `C1${i}`);
  expect(limits.take('chat.postMessage', 'C99')).toEqual({ of: 'workspace', seconds: 1 });
  const fast = createRateLimits(60, () => now);
  for (let i = 0; i < 10; i += 1) fast.take('reactions.add');
  now += 20;
  expect(fast.take('reactions.add')).toBeUndefined();
});

test('a call over the limit gets a 429 with whole seconds and is counted', async () => {
  const { sim, client, channel } = await startStage({ rateLimits: true, rateScale: 0.1 });
  const answers = await Promise.allSettled(
    Array.from({ length: 6 }, () => client.chat.postMessage({ channel, text: 'x' })),
  );
  const rejected = answers.flatMap((a) => (a.status === 'rejected' ? [a.reason as unknown] : []));
  expect(rejected).toHaveLength(2);
  expect(rejected[0]).toMatchObject({ code: 'slack_webapi_rate_limited_error', retryAfter: 10 });
  expect(sim.rateLimited).toBe(2);
  expect(sim.messages(channel)).toHaveLength(4);
});

test('an unlisted app reads history and replies once a minute, 15 messages a page', async () => {
  let now = 1_800_000_000_000;
  const stage = await startStage({ rateLimits: true, unlisted: true, now: () => now });
  const { sim, client, channel, ann } = stage;
  const ts = sim.post({ channel, user: ann, text: 'parent' });
  for (let n = 0; n < 20; n++) sim.post({ channel, user: ann, text: `${n}` });
  for (let n = 0; n < 20; n++) sim.post({ channel, user: ann, text: `${n}`, threadTs: ts });
  for (const read of [
    () => client.conversations.history({ channel, limit: 200 }),
    () => client.conversations.replies({ channel, ts, limit: 200 }),
  ]) {
    const page = await read();
    expect(page.messages).toHaveLength(15);
    expect(page.has_more).toBe(true);
    await expect(read()).rejects.toMatchObject({ retryAfter: 60 });
    now += 59_000;
    await expect(read()).rejects.toMatchObject({ retryAfter: 1 });
    now += 1000;
    expect((await read()).messages).toHaveLength(15);
  }
  // Its other limits are those of every app.
  for (let n = 0; n < 10; n++) await client.conversations.info({ channel });
});

test('faults: errors, statuses, limits, garbage, cuts and hangs, as often as asked', async () => {
  const { sim, client, channel } = await startStage();
  const post = () => client.chat.postMessage({ channel, text: 'x' });
  sim.faults.add({ method: 'chat.postMessage', kind: 'error', error: 'fatal_error', times: 2 });
  expect([await refusal(post()), await refusal(post()), await refusal(post())]).toEqual([
    'fatal_error',
    'fatal_error',
    'ok',
  ]);
  sim.faults.add({ method: 'chat.postMessage', kind: 'status', status: 503 });
  await expect(post()).rejects.toMatchObject({ statusCode: 503 });
  sim.faults.add({ method: 'chat.postMessage', kind: 'rate_limit', retryAfter: 7 });
  await expect(post()).rejects.toMatchObject({ retryAfter: 7 });
  sim.faults.add({ method: 'chat.postMessage', kind: 'garbage' });
  await expect(post()).rejects.toThrow();
  sim.faults.add({ method: 'chat.postMessage', kind: 'cut' });
  await expect(post()).rejects.toThrow();
  sim.faults.add({ method: 'chat.postMessage', kind: 'hang' });
  const before = sim.calls.length;
  const hanging = refusal(post()).catch(() => 'broken off');
  await sim.waitFor(() => sim.calls.length > before);
  expect(await Promise.race([hanging, refusal(post())])).toBe('ok');
  sim.faults.add({ method: 'chat.postMessage', kind: 'answer', body: { ts: '1.000001' } });
  expect(await post()).toMatchObject({ ok: true, ts: '1.000001' });
  const remove = sim.faults.add({
    method: 'chat.postMessage',
    kind: 'error',
    error: 'x',
    times: Number.POSITIVE_INFINITY,
  });
  sim.faults.add({ method: 'auth.test', match: (args) => args.never === '1', kind: 'hang' });
  expect(await refusal(post())).toBe('x');
  remove();
  expect(await refusal(post())).toBe('ok');
  expect((await client.auth.test()).ok).toBe(true);
  expect(sim.messages(channel)).toHaveLength(3);
  await sim.stop();
  expect(await hanging).toBe('broken off');
});

test('an answer can be lost after the change, or before a delayed change', async () => {
  const { sim, client, channel } = await startStage();
  const post = (text: string) => client.chat.postMessage({ channel, text });
  sim.faults.add({ method: 'chat.postMessage', kind: 'status', status: 500, when: 'after' });
  await expect(post('made')).rejects.toMatchObject({ statusCode: 500 });
  expect(sim.messages(channel).map((m) => m.text)).toEqual(['made']);
  holdTimers();
  sim.faults.add({ method: 'chat.postMessage', kind: 'cut', when: 'after', commitDelayMs: 40 });
  await expect(post('late')).rejects.toThrow();
  expect(sim.messages(channel)).toHaveLength(1);
  vi.advanceTimersByTime(40);
  expect(sim.messages(channel).map((m) => m.text)).toEqual(['made', 'late']);
});

test('a waitFor that times out names the condition and the last calls', async () => {
  const { sim, client } = await startStage();
  await client.auth.test();
  await expect(sim.waitFor(() => false, { timeoutMs: 10, what: 'a miracle' })).rejects.toThrow(
    /Waited 10 ms in vain for: a miracle[\s\S]*auth.test ok/,
  );
});
