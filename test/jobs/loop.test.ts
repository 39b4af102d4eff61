import { expect, test } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import { startLoop, systemClock } from '../../src/jobs/loop.ts';

/** A clock by hand: every wait stands until it is ended or called off. */
function createHandClock() {
  let now = 1_700_000_000_000;
  let waiting: { ms: number; end: () => void } | undefined;
  let asked = Promise.withResolvers<number>();
  const clock: Clock = {
    now: () => now,
    sleep(ms, signal) {
      return new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        waiting = { ms, end: resolve };
        signal?.addEventListener('abort', () => resolve(), { once: true });
        asked.resolve(ms);
      });
    },
  };
  return {
    clock,
    /** The wait that the loop asks for, in ms. */
    async nextWait() {
      const ms = await asked.promise;
      asked = Promise.withResolvers();
      return ms;
    },
    elapse() {
      now += waiting?.ms ?? 0;
      waiting?.end();
    },
    /** Somebody sets the clock, or the machine has slept. */
    setClock(ahead: number) {
      now += ahead;
    },
  };
}

/** A wait is made of slices, between which the loop looks at the clock. */
const slicesOf = (ms: number): number[] =>
  ms > 60_000 ? [60_000, ...slicesOf(ms - 60_000)] : [ms];

function createLog() {
  const errors: object[] = [];
  const nothing = () => {};
  return {
    errors,
    log: {
      debug: nothing,
      info: nothing,
      warn: nothing,
      error: (fields: object) => void errors.push(fields),
    },
  };
}

test('a job is run at once, then when it asked to be, then when it is woken', async () => {
  const hand = createHandClock();
  const { log } = createLog();
  let runs = 0;
  const loop = startLoop('job', async () => hand.clock.now() + 1000 * ++runs, {
    clock: hand.clock,
    log,
  });
  expect(await hand.nextWait()).toBe(1000);
  hand.elapse();
  expect(await hand.nextWait()).toBe(2000);
  loop.wake();
  expect(await hand.nextWait()).toBe(3000);
  expect(runs).toBe(3);
  await loop.stop();
  expect(runs).toBe(3);
});

test('woken while it runs, it runs once more, and never twice at a time', async () => {
  const hand = createHandClock();
  const { log } = createLog();
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let running = 0;
  let most = 0;
  let runs = 0;
  const loop = startLoop(
    'job',
    async () => {
      most = Math.max(most, ++running);
      await gates[runs++]?.promise;
      running--;
      return null;
    },
    { clock: hand.clock, log },
  );
  loop.wake();
  loop.wake();
  loop.wake();
  gates[0]?.resolve();
  gates[1]?.resolve();
  expect(await hand.nextWait()).toBe(60_000);
  expect(runs).toBe(2);
  expect(most).toBe(1);
  await loop.stop();
});

test('a job that fails is logged each time and tried again, later and later, then as before', async () => {
  const hand = createHandClock();
  const { log, errors } = createLog();
  let failing = true;
  const loop = startLoop(
    'job',
    async () => {
      if (failing) throw new Error('out of order');
      return hand.clock.now() + 5;
    },
    { clock: hand.clock, log },
  );
  for (const wait of [
    2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000,
  ]) {
    for (const slice of slicesOf(wait)) {
      expect(await hand.nextWait()).toBe(slice);
      hand.elapse();
    }
  }
  expect(await hand.nextWait()).toBe(60_000);
  expect(errors).toHaveLength(11);
  expect(errors[0]).toMatchObject({ job: 'job', failures: 1 });
  failing = false;
  hand.setClock(300_000);
  hand.elapse();
  expect(await hand.nextWait()).toBe(5);
  failing = true;
  hand.elapse();
  expect(await hand.nextWait()).toBe(2000);
  await loop.stop();
});

test('a clock that is set forward brings the job on; set back, it does not hold it up', async () => {
  const hand = createHandClock();
  const { log } = createLog();
  let runs = 0;
  const hour = 3_600_000;
  const loop = startLoop(
    'job',
    async () => {
      runs++;
      return hand.clock.now() + hour;
    },
    { clock: hand.clock, log },
  );
  await hand.nextWait();
  hand.setClock(2 * hour);
  hand.elapse();
  await hand.nextWait();
  expect(runs).toBe(2);

  hand.setClock(-5 * hour);
  for (let minute = 0; minute < 60; minute++) {
    hand.elapse();
    await hand.nextWait();
  }
  expect(runs).toBe(3);
  await loop.stop();
});

test('stopped while it waits, it ends at once; stopped while it runs, it finishes first', async () => {
  const hand = createHandClock();
  const { log } = createLog();
  const waiting = startLoop('waiting', async () => null, { clock: hand.clock, log });
  await hand.nextWait();
  await waiting.stop();

  const gate = Promise.withResolvers<void>();
  let finished = false;
  const working = startLoop(
    'working',
    async () => {
      await gate.promise;
      finished = true;
      return 0;
    },
    { clock: hand.clock, log },
  );
  const stopped = working.stop();
  expect(finished).toBe(false);
  gate.resolve();
  await stopped;
  expect(finished).toBe(true);
});

test('a wait of the system’s clock that is called off ends at once', async () => {
  const calledOff = new AbortController();
  const wait = systemClock.sleep(2 ** 40, calledOff.signal);
  calledOff.abort();
  await wait;
  await systemClock.sleep(1000, AbortSignal.abort());
});
