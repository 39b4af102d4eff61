import { describe, expect, test } from 'vitest';
import type { ClaudeSimOptions } from '../../../sim/claude/claude-sim.ts';
import { ask, askMany, readRows, startSim } from './claude-helpers.ts';

const START = Date.parse('2026-11-23T10:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A clock that stands still unless the test moves it. */
function createClock() {
  const clock = {
    time: START,
    now: () => clock.time,
    advance(to: number) {
      expect(to).toBeGreaterThan(clock.time);
      clock.time = to;
    },
  };
  return clock;
}

async function startWithClock(options: ClaudeSimOptions = {}) {
  const clock = createClock();
  return { clock, ...(await startSim({ now: clock.now, ...options })) };
}

const iso = (at: number) => new Date(at).toISOString();

describe('a batch', () => {
  test('ends by the clock, at the time at which it was due', async () => {
    const { clock, sim, client } = await startWithClock({ batchMs: 10 * MINUTE });
    const { id } = await client.messages.batches.create({ requests: askMany(2) });
    expect(sim.nextDueAt()).toBe(START + 10 * MINUTE);
    clock.time = START + 10 * MINUTE - 1;
    expect((await client.messages.batches.retrieve(id)).processing_status).toBe('in_progress');
    clock.time = START + HOUR;
    expect(await client.messages.batches.retrieve(id)).toMatchObject({
      processing_status: 'ended',
      ended_at: iso(START + 10 * MINUTE),
      request_counts: { succeeded: 2 },
    });
    expect(sim.nextDueAt()).toBeNull();
  });

  test('is found ended by `tick`, `batches` and the list as well', async () => {
    const { clock, sim, client } = await startWithClock({ batchMs: MINUTE });
    const ended: string[] = [];
    for (const look of [
      () => sim.tick(),
      () => sim.batches(),
      () => client.messages.batches.list(),
    ]) {
      const { id } = await client.messages.batches.create({ requests: askMany(1) });
      clock.time += MINUTE;
      const told = sim.waitFor(() => ended.push(id));
      await look();
      await told;
      expect(sim.batches()[0]).toMatchObject({ id, status: 'ended', endedAt: clock.time });
    }
  });

  test('takes a time of the distribution, the same with the same seed', async () => {
    const latency = { batch: { p50Ms: 7 * MINUTE, p90Ms: HOUR } };
    const run = async (seed: number) => {
      const { clock, sim, client } = await startWithClock({ latency, seed });
      for (let made = 0; made < 20; made += 1) {
        await client.messages.batches.create({ requests: askMany(1) });
      }
      clock.time += 23 * HOUR;
      return sim.batches().map(({ createdAt, endedAt }) => (endedAt ?? 0) - createdAt);
    };
    const times = await run(1);
    expect(new Set(times).size).toBeGreaterThan(15);
    expect(await run(1)).toEqual(times);
    expect(await run(2)).not.toEqual(times);
  });

  test('a distribution can be set and ended while the service runs', async () => {
    const { sim, client } = await startWithClock({ batchMs: MINUTE });
    const create = async () => {
      await client.messages.batches.create({ requests: askMany(1) });
      const due = sim.nextDueAt() ?? 0;
      sim.endBatch();
      return due - START;
    };
    sim.setLatency({ batch: { p50Ms: HOUR, p90Ms: HOUR } });
    expect(await create()).toBe(HOUR);
    sim.setLatency({ batch: null });
    expect(await create()).toBe(MINUTE);
    sim.setLatency({ batch: { p50Ms: HOUR, p90Ms: HOUR } });
    sim.setBatchMs(5);
    expect(await create()).toBe(5);
  });

  test('that is canceled keeps what was done by then, and ends soon after by the clock', async () => {
    const { clock, client } = await startWithClock({ batchMs: 100 * MINUTE });
    const { id } = await client.messages.batches.create({ requests: askMany(50) });
    clock.time += 30 * MINUTE;
    const canceling = await client.messages.batches.cancel(id);
    expect(canceling.processing_status).toBe('canceling');
    clock.time += MINUTE;
    const ended = await client.messages.batches.retrieve(id);
    expect(ended).toMatchObject({
      processing_status: 'ended',
      request_counts: { succeeded: 15, canceled: 35 },
    });
    const canceledAt = Date.parse(ended.cancel_initiated_at ?? '');
    expect(canceledAt).toBe(START + 30 * MINUTE);
    expect(Date.parse(ended.ended_at ?? '') - canceledAt).toBeLessThan(1000);
    // The items have times of their own: not simply the first ones are done.
    const done = (await readRows(client, id))
      .filter(({ result }) => result.type === 'succeeded')
      .map(({ custom_id }) => custom_id);
    const first = askMany(15).map(({ custom_id }) => custom_id);
    expect(done.toSorted()).not.toEqual(first.toSorted());
  });

  test('that takes more than a day expires with what was done by then', async () => {
    const { clock, client } = await startWithClock({ batchMs: 48 * HOUR });
    const { id } = await client.messages.batches.create({ requests: askMany(10) });
    clock.time += 72 * HOUR;
    expect(await client.messages.batches.retrieve(id)).toMatchObject({
      ended_at: iso(START + 24 * HOUR),
      request_counts: { succeeded: 5, expired: 5 },
    });
  });

  test('that was held ends when it is released, or at its time when that comes later', async () => {
    const { clock, sim, client } = await startWithClock({ batchMs: MINUTE });
    const create = () => client.messages.batches.create({ requests: askMany(1) });
    sim.holdBatches(true);
    await create();
    expect(sim.nextDueAt()).toBe(START + 24 * HOUR);
    clock.time += HOUR;
    await create();
    sim.holdBatches(false);
    expect(sim.batches()[1]).toMatchObject({ status: 'ended', endedAt: START + HOUR });
    expect(sim.batches()[0]).toMatchObject({ status: 'in_progress' });
    expect(sim.nextDueAt()).toBe(START + HOUR + MINUTE);
  });
});

describe('a message', () => {
  const latency = { message: { p50Ms: 2000, p90Ms: 2000 } };

  test('is answered when the clock has reached its time and somebody looks', async () => {
    const { clock, sim, client } = await startWithClock({ latency });
    const answered: string[] = [];
    const first = client.messages.create(ask('one')).then(() => answered.push('one'));
    await sim.waitFor(() => sim.nextDueAt() === START + 2000);
    clock.time += 1000;
    const second = client.messages.create(ask('two')).then(() => answered.push('two'));
    await sim.waitFor(() => sim.inFlight.count === 2);
    expect(sim.nextDueAt()).toBe(START + 2000);
    clock.time += 1000;
    sim.tick();
    await first;
    expect(answered).toEqual(['one']);
    expect(sim.nextDueAt()).toBe(START + 3000);
    clock.time += 1000;
    // Any request looks.
    await client.models.list();
    await second;
    expect(sim.inFlight).toMatchObject({ count: 0, most: 2 });
    expect(sim.nextDueAt()).toBeNull();
  });

  test('moves the clock on by itself where that is allowed, for all who wait', async () => {
    const run = async () => {
      const clock = createClock();
      const { now, advance } = clock;
      const message = { p50Ms: 2000, p90Ms: 8000 };
      const { sim, client } = await startSim({ latency: { message }, now, advance });
      const ends: [time: number, index: number][] = [];
      const one = async (index: number) => {
        await client.messages.create(ask(`message ${index}`));
        ends.push([clock.time - START, index]);
      };
      await Promise.all(Array.from({ length: 8 }, (_, index) => one(index)));
      expect(sim.inFlight).toMatchObject({ count: 0, most: 8 });
      return ends;
    };
    const ends = await run();
    // All begin at once and end in their order: the times do not add up.
    const times = ends.map(([time]) => time);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(new Set(times).size).toBe(8);
    expect(times.at(-1)).toBeLessThan(60_000);
    expect(await run()).toEqual(ends);
  });

  test('takes no time unless that is set, and then in real time too', async () => {
    const { sim, client } = await startSim();
    await client.messages.create(ask('Hello'));
    const real = { message: { p50Ms: 30, p90Ms: 30 } };
    sim.setLatency(real);
    const begun = Date.now();
    await client.messages.create(ask('Hello'));
    expect(Date.now() - begun).toBeGreaterThanOrEqual(30);
  });

  test('whose client has left is no longer under way', async () => {
    const { sim, client } = await startWithClock({ latency });
    const leaving = new AbortController();
    const answer = client.messages.create(ask('Hello'), { signal: leaving.signal });
    await sim.waitFor(() => sim.nextDueAt());
    leaving.abort();
    await expect(answer).rejects.toThrow();
    await sim.waitFor(() => sim.inFlight.count === 0);
    expect(sim.nextDueAt()).toBeNull();
    expect(sim.calls.at(-1)?.status).toBe(0);
  });

  test('that is asked for while the first one is under way does not find its prefix', async () => {
    const clock = createClock();
    const { client } = await startSim({ latency, now: clock.now, advance: clock.advance });
    const system = [
      {
        type: 'text' as const,
        text: 'You sort feedback into categories. '.repeat(70),
        cache_control: { type: 'ephemeral' as const },
      },
    ];
    const read = async (text: string) =>
      (await client.messages.create(ask(text, { system }))).usage.cache_read_input_tokens ?? 0;
    expect(await Promise.all([read('one'), read('two')])).toEqual([0, 0]);
    expect(await read('three')).toBeGreaterThan(500);
  });

  test('counts as under way while it hangs', async () => {
    const { sim, client } = await startSim();
    sim.faults.add({ kind: 'hang' });
    const leaving = new AbortController();
    const hanging = client.messages.create(ask('Hello'), { signal: leaving.signal });
    await sim.waitFor(() => sim.inFlight.count === 1);
    leaving.abort();
    await expect(hanging).rejects.toThrow();
    await sim.waitFor(() => sim.inFlight.count === 0);
    expect(sim.inFlight.most).toBe(1);
  });
});

test('a month passes by jumping to whatever is due', async () => {
  const { clock, sim, client } = await startWithClock({
    latency: {
      batch: { p50Ms: 7 * MINUTE, p90Ms: HOUR, common: 0.5 },
      message: { p50Ms: 900, p90Ms: 2500, tail: { share: 0.02, factor: 10 } },
    },
  });
  const lasted: number[] = [];
  for (let day = 0; day < 30; day += 1) {
    clock.time = START + day * 24 * HOUR;
    await client.messages.batches.create({ requests: askMany(3) });
    const message = client.messages.create(ask(`day ${day}`));
    await sim.waitFor(() => sim.inFlight.count === 1 && sim.nextDueAt());
    for (let due = sim.nextDueAt(); due !== null; due = sim.nextDueAt()) {
      clock.advance(due);
      sim.tick();
    }
    expect((await message).stop_reason).toBe('end_turn');
    lasted.push(clock.time - START - day * 24 * HOUR);
  }
  expect(sim.batches().map(({ status }) => status)).toEqual(Array(30).fill('ended'));
  expect(new Set(lasted).size).toBeGreaterThan(25);
});
