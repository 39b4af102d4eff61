import fc from 'fast-check';
import { expect, test } from 'vitest';
import { divideSeats } from '../../src/core/strata.ts';

const whole = (...sizes: number[]) => sizes.map((size) => ({ size, pickable: size }));

test('one seat for each group, the others in proportion', () => {
  expect(divideSeats(whole(300, 100, 4, 1), 10)).toEqual([6, 2, 1, 1]);
  expect(divideSeats(whole(50, 50), 4)).toEqual([2, 2]);
});

test('a group gives no more than it has, and the others take its seats', () => {
  expect(
    divideSeats(
      [
        { size: 90, pickable: 2 },
        { size: 10, pickable: 10 },
      ],
      10,
    ),
  ).toEqual([2, 8]);
  expect(divideSeats([{ size: 9, pickable: 0 }], 10)).toEqual([0]);
  expect(divideSeats([], 10)).toEqual([]);
});

test('all seats are given while anything is left to pick', () => {
  const group = fc.record({ size: fc.nat(100), pickable: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(group, { maxLength: 12 }), fc.nat(60), (groups, seats) => {
      const given = divideSeats(groups, seats);
      const open = groups.filter(({ pickable }) => pickable > 0).length;
      const pickable = groups.reduce((sum, one) => sum + one.pickable, 0);
      expect(given.reduce((sum, some) => sum + some, 0)).toBe(
        Math.min(pickable, Math.max(open, seats)),
      );
      for (const [index, some] of given.entries()) {
        expect(some).toBeLessThanOrEqual(groups[index]?.pickable ?? 0);
      }
    }),
  );
});
