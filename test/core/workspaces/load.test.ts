import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/core/durations.ts';
import { averageWrites, IDLE_LOAD, isMuchElse, loadOf } from '../../../src/core/workspaces/load.ts';

test('an idle workspace has a load as well', () => {
  expect(loadOf(0)).toBe(IDLE_LOAD);
  expect(loadOf(500)).toBe(IDLE_LOAD + 500);
});

test('writes are averaged over about a day, however often one looks', () => {
  const pass = (
    before: number,
    perHour: number,
    { ms, everyMs }: Record<'ms' | 'everyMs', number>,
  ) => {
    let average = before;
    for (let at = 0; at < ms; at += everyMs) {
      average = averageWrites(average, (perHour * everyMs) / HOUR_MS, everyMs);
    }
    return average;
  };
  expect(pass(0, 1_000, { ms: DAY_MS, everyMs: MINUTE_MS })).toBeCloseTo(632, 0);
  expect(pass(0, 1_000, { ms: DAY_MS, everyMs: HOUR_MS })).toBeCloseTo(632, 0);
  expect(pass(1_000, 0, { ms: DAY_MS, everyMs: HOUR_MS })).toBeCloseTo(368, 0);
  expect(pass(1_000, 1_000, { ms: DAY_MS, everyMs: MINUTE_MS })).toBeCloseTo(1_000);
});

test('a clock that was set back changes nothing', () => {
  expect(averageWrites(70, 5, 0)).toBe(70);
  expect(averageWrites(70, 5, -HOUR_MS)).toBe(70);
});

test('only a load that is twice another one, or half of it, is much else', () => {
  expect([200, 199, 51, 50].map((load) => isMuchElse(load, 100))).toEqual([
    true,
    false,
    false,
    true,
  ]);
});
