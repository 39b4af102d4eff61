import { expect, test } from 'vitest';
import { ask, askMany, runBatch, startSim } from './claude-helpers.ts';

test('the control plane shows the state and controls batches', async () => {
  const { sim, client } = await startSim();
  const post = async (path: string, body: unknown) => {
    const response = await fetch(sim.url + path, { method: 'POST', body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  };
  expect((await post('/sim/hold', { on: true })).status).toBe(200);
  expect((await post('/sim/batch-time', { ms: 0 })).body).toEqual({ ok: true, ms: 0 });
  const { id } = await client.messages.batches.create({ requests: askMany(2) });
  expect(await post('/sim/hold', { on: 'yes' })).toEqual({
    status: 400,
    body: { error: expect.stringContaining('{"on": true}') },
  });
  expect((await post('/sim/batch-time', {})).status).toBe(400);
  expect((await post('/sim/end-batch', { id: 'nobody' })).status).toBe(404);
  expect((await post('/sim/end-batch', { id })).status).toBe(200);
  await runBatch({ sim, client }, askMany(1));
  const state: unknown = await (await fetch(`${sim.url}/sim/state`)).json();
  expect(state).toMatchObject({
    simulated: 'keyword-rules',
    batches: [
      { status: 'ended', counts: { succeeded: 1 } },
      { id, counts: { succeeded: 2 } },
    ],
    tokens: { output: expect.any(Number) },
    calls: { by_kind: { 'POST /v1/messages/batches 200': 2 } },
  });
  expect((await fetch(`${sim.url}/sim/nowhere`)).status).toBe(404);
});

test('the control plane sets latencies', async () => {
  const { sim, client } = await startSim();
  const post = async (body: unknown) => {
    const sent = { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${sim.url}/sim/latency`, sent);
    return { status: response.status, body: await response.json() };
  };
  const batch = { p50Ms: 1, p90Ms: 1, tail: { share: 0.01, factor: 2 }, common: 0.5 };
  expect((await post({ batch })).body).toEqual({ ok: true, batch });
  await client.messages.batches.create({ requests: askMany(1) });
  await sim.waitFor(() => sim.batches()[0]?.status === 'ended');
  expect((await post({ message: { p50Ms: 1e7, p90Ms: 1e7 } })).status).toBe(200);
  const leaving = new AbortController();
  const slow = client.messages.create(ask('Hello'), { signal: leaving.signal });
  await sim.waitFor(() => sim.nextDueAt());
  expect(await (await fetch(`${sim.url}/sim/state`)).json()).toMatchObject({
    in_flight: { now: 1, most: 1 },
  });
  leaving.abort();
  await expect(slow).rejects.toThrow();
  expect((await post({ message: null })).status).toBe(200);
  await client.messages.create(ask('Hello'));
  for (const wrong of [{}, { message: { p50Ms: 5, p90Ms: 1 } }, { message: 5 }, { other: null }]) {
    expect(await post(wrong)).toEqual({
      status: 400,
      body: { error: expect.stringContaining('"p50Ms"') },
    });
  }
});

test('waitFor sees changes, and its timeout names the state', async () => {
  const { sim, client } = await startSim();
  const called = sim.waitFor(() => sim.calls.find(({ path }) => path === '/v1/models'));
  await client.models.list();
  expect((await called)?.method).toBe('GET');
  const never = sim.waitFor(() => false, { timeoutMs: 5, what: 'the moon' });
  await expect(never).rejects.toThrow('waited 5 ms in vain for the moon');
});

test('a listener is called at every change until it is removed, and tokens are counted', async () => {
  const { sim, client } = await startSim();
  expect(sim.tokens()).toEqual({ input: 0, cacheRead: 0, cacheWritten: 0, output: 0 });
  const seen: number[] = [];
  const stop = sim.onChange(() => seen.push(sim.batches().length));
  await runBatch({ sim, client }, askMany(2));
  expect(seen).toContain(1);
  const { input, cacheRead, cacheWritten, output } = sim.tokens();
  expect(input + cacheRead + cacheWritten).toBeGreaterThan(0);
  expect(output).toBeGreaterThan(0);
  stop();
  const before = seen.length;
  await client.models.list();
  expect(seen).toHaveLength(before);
});
