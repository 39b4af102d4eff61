import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shardSize } from '../../../src/core/runs/shards.ts';

test.each([
  [0, 1],
  [1, 1],
  [19, 19],
  [20, 10],
  [42, 11],
  [80, 10],
  [200, 25],
  [5_000, 625],
  [100_000, 10_000],
])('%d messages go in batches of %d', (messages, size) => {
  expect(shardSize(messages)).toBe(size);
});

test('there are at most eight, unless they would be too large', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 80_000 }), (messages) => {
      const size = shardSize(messages);
      expect(Math.ceil(messages / size)).toBeLessThanOrEqual(8);
      expect(size).toBeLessThanOrEqual(10_000);
    }),
  );
});
