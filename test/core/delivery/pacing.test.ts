import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bucket, holdUntil, type Rate, reserve } from '../../../src/core/delivery/pacing.ts';

const START = 1_732_272_000_000;

const anyRate = fc.record({
  perMinute: fc.integer({ min: 1, max: 6000 }),
  burst: fc.integer({ min: 1, max: 10 }),
});
const pauses = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 60 });

/** When the calls are made that are asked for after these pauses, each waiting as it is told. */
function play(bucket: Bucket, rate: Rate, pausesMs: number[]): number[] {
  let now = START;
  return pausesMs.map((pause) => {
    now += pause;
    return now + reserve(bucket, rate, now);
  });
}

test('however calls come, no span of time sees more than the burst and its share of the rate', () => {
  fc.assert(
    fc.property(anyRate, pauses, (rate, pattern) => {
      const calls = play({ dueAt: 0 }, rate, pattern);
      for (const [first, from] of calls.entries()) {
        for (const [later, to] of calls.slice(first).entries()) {
          const allowed = rate.burst + ((to - from) * rate.perMinute) / 60_000;
          // Times of today as floating-point numbers are exact to a quarter of a microsecond.
          expect(later + 1).toBeLessThanOrEqual(allowed + 0.01);
        }
      }
    }),
  );
});

test('after a quiet time a whole burst goes at once, and nobody waits longer than the rate asks', () => {
  const rate = { perMinute: 60, burst: 3 };
  const calls = play({ dueAt: 0 }, rate, [0, 0, 0, 0, 0, 60_000, 0, 0, 0]);
  expect(calls.map((at) => at - START)).toEqual([
    0, 0, 0, 1000, 2000, 60_000, 60_000, 60_000, 61_000,
  ]);
});

test('once told to wait, no call goes before that time, and then without a burst', () => {
  fc.assert(
    fc.property(anyRate, pauses, fc.integer({ min: 1, max: 120_000 }), (rate, pattern, hold) => {
      const bucket = { dueAt: 0 };
      play(bucket, rate, pattern);
      const until = START + hold;
      holdUntil(bucket, rate, until);
      const first = START + reserve(bucket, rate, START);
      const second = START + reserve(bucket, rate, START);
      expect(first).toBeGreaterThanOrEqual(until - 1e-3);
      expect(second - first).toBeGreaterThanOrEqual(60_000 / rate.perMinute - 1e-3);
    }),
  );
});

test('a time to wait that is already over holds up nothing', () => {
  const bucket = { dueAt: 0 };
  holdUntil(bucket, { perMinute: 60, burst: 1 }, START - 5000);
  expect(reserve(bucket, { perMinute: 60, burst: 1 }, START)).toBe(0);
});
