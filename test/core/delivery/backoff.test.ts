import { expect, test } from 'vitest';
import { backoffMs } from '../../../src/core/delivery/backoff.ts';

test('each failure doubles the wait, up to five minutes', () => {
  expect([0, 1, 2, 8, 9, 10_000].map((failures) => backoffMs(failures))).toEqual([
    1_000, 2_000, 4_000, 256_000, 300_000, 300_000,
  ]);
});

test('who waits for something else says how long', () => {
  const reconnect = { firstMs: 200, mostMs: 30_000 };
  expect([0, 1, 7, 8].map((failures) => backoffMs(failures, reconnect))).toEqual([
    200, 400, 25_600, 30_000,
  ]);
});
