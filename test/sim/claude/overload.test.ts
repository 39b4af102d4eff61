import { expect, test } from 'vitest';
import type { ClaudeSimOptions } from '../../../sim/claude/claude-sim.ts';
import { ask, askMany, startSim } from './claude-helpers.ts';

const START = Date.parse('2026-11-23T10:00:00Z');
const MINUTE = 60_000;

async function startWithClock(options: ClaudeSimOptions = {}) {
  const clock = { time: START };
  return { clock, ...(await startSim({ now: () => clock.time, ...options })) };
}

test('an overload refuses what costs money, for a period of time', async () => {
  const { clock, sim, client } = await startWithClock();
  sim.faults.add({ kind: 'overloaded', from: START + MINUTE, until: START + 2 * MINUTE });
  const send = () => client.messages.create(ask('It fails'));
  const create = () => client.messages.batches.create({ requests: askMany(1) });
  await send();
  clock.time += MINUTE;
  await expect(send()).rejects.toMatchObject({ status: 529, type: 'overloaded_error' });
  await expect(create()).rejects.toMatchObject({ status: 529 });
  expect((await client.messages.batches.list()).data).toEqual([]);
  clock.time += MINUTE - 1;
  await expect(send()).rejects.toMatchObject({ status: 529 });
  clock.time += 1;
  await send();
  await create();
});

test('an overload ends when it is removed, and after as many refusals as were asked for', async () => {
  const { sim, client } = await startWithClock();
  const send = () => client.messages.create(ask('It fails'));
  const remove = sim.faults.add({ kind: 'overloaded' });
  for (let sent = 0; sent < 3; sent += 1) await expect(send()).rejects.toThrow('Overloaded');
  remove();
  await send();
  sim.faults.add({ kind: 'overloaded', times: 1 });
  await expect(send()).rejects.toThrow('Overloaded');
  await send();
});

test('an overload refuses a share of the calls, the same with the same seed', async () => {
  const run = async (seed: number) => {
    const { sim, client } = await startWithClock({ seed });
    sim.faults.add({ kind: 'overloaded', share: 0.3 });
    for (let sent = 0; sent < 200; sent += 1) {
      await client.messages.create(ask('Hi')).catch(() => undefined);
    }
    return sim.calls.map(({ status }) => status);
  };
  const statuses = await run(5);
  const refused = statuses.filter((status) => status === 529).length;
  expect(refused).toBeGreaterThan(40);
  expect(refused).toBeLessThan(80);
  expect(new Set(statuses)).toEqual(new Set([200, 529]));
  expect(await run(5)).toEqual(statuses);
  expect(await run(6)).not.toEqual(statuses);
});

test('batches can wait for the end of an overload, and then go on', async () => {
  const { clock, sim, client } = await startWithClock({ batchMs: 10 * MINUTE });
  const { id } = await client.messages.batches.create({ requests: askMany(10) });
  clock.time += 4 * MINUTE;
  const remove = sim.faults.add({ kind: 'overloaded', batchesWait: true });
  expect(sim.nextDueAt()).toBe(START + 24 * 60 * MINUTE);
  clock.time += 60 * MINUTE;
  expect((await client.messages.batches.retrieve(id)).processing_status).toBe('in_progress');
  remove();
  expect(sim.nextDueAt()).toBe(START + 70 * MINUTE);
  clock.time += 2 * MINUTE;
  // Six of its ten minutes of work are done.
  await client.messages.batches.cancel(id);
  clock.time += MINUTE;
  const { request_counts: counts } = await client.messages.batches.retrieve(id);
  expect(counts).toMatchObject({ succeeded: 6, canceled: 4 });
});

test('batches wait in each of several overloads, once where they overlap', async () => {
  const { clock, sim, client } = await startWithClock({ batchMs: 10 * MINUTE });
  const at = (minutes: number) => START + minutes * MINUTE;
  const periods: [from: number, until: number][] = [
    [30, 40],
    [2, 6],
    [4, 8],
    [-5, 1],
    [9, 10],
  ];
  for (const [from, until] of periods) {
    sim.faults.add({
      kind: 'overloaded',
      from: at(from),
      until: at(until),
      batchesWait: true,
      share: 0,
    });
  }
  await client.messages.batches.create({ requests: askMany(1) });
  // Until 1, from 2 to 8 and from 9 to 10 it waits.
  expect(sim.nextDueAt()).toBe(at(18));
  clock.time = at(18);
  expect(sim.batches()[0]).toMatchObject({ status: 'ended', endedAt: at(18) });
});

test('a batch that waits for longer than it lives expires', async () => {
  const { clock, sim, client } = await startWithClock({ batchMs: MINUTE });
  await client.messages.batches.create({ requests: askMany(2) });
  sim.faults.add({ kind: 'overloaded', batchesWait: true });
  clock.time += 25 * 60 * MINUTE;
  expect(sim.batches()[0]).toMatchObject({
    endedAt: START + 24 * 60 * MINUTE,
    counts: { expired: 2 },
  });
});

test('in real time a batch ends after the overload, without being asked', async () => {
  const { sim, client } = await startSim({ batchMs: 1 });
  const remove = sim.faults.add({ kind: 'overloaded', batchesWait: true, share: 0 });
  await client.messages.batches.create({ requests: askMany(1) });
  const ended = new Promise<void>((resolve) => {
    sim.onChange(() => {
      if (sim.batches()[0]?.status === 'ended') resolve();
    });
  });
  remove();
  await ended;
});
