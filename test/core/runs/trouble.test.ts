import { expect, test } from 'vitest';
import {
  canBeRetried,
  isForAPerson,
  mendWaitMs,
  retryInMs,
} from '../../../src/core/runs/trouble.ts';

const MINUTE_MS = 60_000;

test.each([
  [-5 * MINUTE_MS, 1],
  [0, 1],
  [10 * MINUTE_MS, 1],
  [30 * MINUTE_MS, 3],
  [100 * MINUTE_MS, 10],
  [10_000 * MINUTE_MS, 10],
])('waiting for a person since %i ms, it is tried again in %i minutes', (since, minutes) => {
  expect(mendWaitMs(since)).toBe(minutes * MINUTE_MS);
});

test('the wait is a whole number, as the column that it is added up in', () => {
  expect(mendWaitMs(1_234_567)).toBe(123_457);
});

test.each([
  [null, 100_000, 0],
  [100_000, 100_000, 10_000],
  [100_000, 109_999, 1],
  [100_000, 110_000, 0],
  // The clock was set back.
  [100_000, 50_000, 0],
])('asked for at %s, another try at %i has to wait %i ms', (retriedAt, now, wait) => {
  expect(retryInMs(retriedAt, now)).toBe(wait);
});

test.each([
  ['outage', false, false],
  ['long outage', false, true],
  ['key', true, true],
  ['budget', true, true],
  ['request', true, true],
] as const)('%s: for a person: %s, can be tried again: %s', (cause, person, retried) => {
  expect(isForAPerson(cause)).toBe(person);
  expect(canBeRetried(cause)).toBe(retried);
});
