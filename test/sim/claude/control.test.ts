import { expect, test } from 'vitest';
import { askMany, runBatch, startSim } from './claude-helpers.ts';

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
