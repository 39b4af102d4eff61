import { expect, test } from 'vitest';
import { createSteadyTime } from '../../src/core/steady-time.ts';

test('it goes on with the clock, and from where it was when that is set back', () => {
  let now = 1_000;
  const time = createSteadyTime(() => now);
  now = 1_500;
  expect(time()).toBe(1_500);
  now = 200;
  expect(time()).toBe(1_500);
  now = 700;
  expect(time()).toBe(2_000);
  // Set right again: that is a jump ahead.
  now = 10_000;
  expect(time()).toBe(11_300);
});
