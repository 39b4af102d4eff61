import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findFactor } from '../../../src/core/digest/compare.ts';

/** Which spans can be compared. */

const HOUR = 3_600_000;
const hours = (before: number, now: number) =>
  findFactor({ from: before * HOUR, to: (before + now) * HOUR }, { from: 0, to: before * HOUR });

test.each([
  [24, 24, 1],
  [24, 26, 1],
  [24, 72, 3],
  [72, 24, 1 / 3],
  // The second summary of a day, after minutes.
  [24, 0.1, null],
  [0.1, 24, null],
  // The first summary of all, with the backlog of two weeks.
  [336, 24, null],
])('of %d h, then %d h: %s', (before, now, factor) => {
  const found = hours(before, now);
  if (factor === null) expect(found).toBeNull();
  else expect(found).toBeCloseTo(factor);
});

test('what is compared is about as much time', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 1000, noNaN: true }),
      fc.double({ min: 0.1, max: 1000, noNaN: true }),
      (before, now) => {
        const factor = hours(before, now);
        if (factor === null) return;
        expect((before * factor) / now).toBeGreaterThan(0.79);
        expect((before * factor) / now).toBeLessThan(1.26);
      },
    ),
  );
});
