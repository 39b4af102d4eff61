import { expect, test } from 'vitest';
import { createTurns } from '../../src/replica/turns.ts';
import { createTestClock } from '../harness.ts';

/** A clock whose pauses end when the test says so. */
function createPauses() {
  const pauses: { ms: number; end: () => void }[] = [];
  const clock = {
    now: () => 0,
    sleep: (ms: number) =>
      new Promise<void>((resolve) => {
        pauses.push({ ms, end: resolve });
      }),
  };
  const rest = () => new Promise((resolve) => setImmediate(resolve));
  return {
    clock,
    rest,
    /** @returns how long the pause was that ends now */
    async endOne() {
      const pause = pauses.shift();
      pause?.end();
      await rest();
      return pause?.ms;
    },
  };
}

const { signal: never } = new AbortController();

test('as long as much of what Slack has sent is handled, jobs run one after the other', async () => {
  const { clock, rest, endOne } = createPauses();
  const turns = createTurns(clock);
  const { mayRun } = turns.next();
  const ran: string[] = [];
  const run = (name: string, signal = never) => mayRun(signal).then(() => ran.push(name));
  await run('before');
  const served = Promise.withResolvers<void>();
  const handled = Array.from({ length: 8 }, () => turns.handle(() => served.promise));
  const stopping = new AbortController();
  for (const name of ['first', 'second', 'third', 'fourth']) void run(name);
  void run('stopped', stopping.signal);
  await rest();
  expect(ran).toEqual(['before', 'first']);
  // A workspace that ends does not wait for its turn, and holds up nobody.
  stopping.abort();
  await rest();
  expect(ran).toEqual(['before', 'first', 'stopped']);
  await endOne(); // between the beginnings of workspaces
  const slow = await endOne();
  expect(ran).toEqual(['before', 'first', 'stopped', 'second']);

  served.resolve();
  await Promise.all(handled);
  await endOne();
  // Then several are let in at once.
  expect(ran.slice(-2)).toEqual(['third', 'fourth']);
  expect(await endOne()).toBeLessThan(slow ?? 0);
  await run('after');
  expect(ran.at(-1)).toBe('after');
});

test('what fails is counted no more', async () => {
  const turns = createTurns(createPauses().clock);
  for (let n = 0; n < 20; n++) {
    await expect(turns.handle(() => Promise.reject(new Error('a bug')))).rejects.toThrow('a bug');
  }
  await turns.next().mayRun(never);
});

test('what runs regularly does so at different times in each workspace', () => {
  const turns = createTurns(createPauses().clock);
  const parts = Array.from({ length: 100 }, () => turns.next().firstPause).sort((a, b) => a - b);
  const gaps = parts.slice(1).map((part, n) => part - (parts[n] ?? 0));
  expect(Math.max(...gaps)).toBeLessThan(0.03);
});

test('workspaces start before jobs begin, and before others’ run as usual', async () => {
  const { clock, rest, endOne } = createPauses();
  const turns = createTurns(clock);
  const started = Promise.withResolvers<void>();
  const starting = turns.start(() => started.promise);
  const { begin, mayRun } = turns.next();
  const happened: string[] = [];
  void begin.then(() => happened.push('begun'));
  for (const name of ['first', 'second']) void mayRun(never).then(() => happened.push(name));
  await rest();
  expect(happened).toEqual(['first']);
  started.resolve();
  await starting;
  await endOne();
  await endOne();
  expect(happened.toSorted()).toEqual(['begun', 'first', 'second']);
});

test('jobs begin all the same when a workspace takes very long to start', async () => {
  const clock = createTestClock();
  const turns = createTurns(clock);
  void turns.start(() => new Promise(() => {}));
  await turns.next().begin;
});
