import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitsBudget, lanesWithin, leftOf } from '../../../src/core/runs/budget.ts';

const budget = (usd: number, committedUsd: number | null) => ({ usd, committedUsd });

test('what is left is never below nothing', () => {
  expect(leftOf(budget(5, 1.5))).toBe(3.5);
  expect(leftOf(budget(5, 7))).toBe(0);
  expect(leftOf(budget(5, null))).toBe(0);
});

test('without a budget anything may be spent, also at a price that is not known', () => {
  expect(fitsBudget(null, null)).toBe(true);
  expect(fitsBudget(null, 1_000)).toBe(true);
});

test('within a budget only what is known to fit', () => {
  expect(fitsBudget(budget(5, 4), 1)).toBe(true);
  expect(fitsBudget(budget(5, 4), 1.01)).toBe(false);
  expect(fitsBudget(budget(5, 4), null)).toBe(false);
  expect(fitsBudget(budget(5, null), 1)).toBe(false);
  // What costs nothing always fits.
  expect(fitsBudget(budget(5, null), 0)).toBe(true);
});

test('express stops first', () => {
  const price = fc.double({ min: 0.001, max: 10, noNaN: true });
  fc.assert(
    fc.property(price, price, price, (usd, spent, batch) => {
      const lanes = lanesWithin(budget(usd, spent), { batch, express: batch * 2 });
      if (lanes.includes('express')) expect(lanes).toContain('batch');
      if (spent + batch * 2 <= usd) expect(lanes).toEqual(['batch', 'express']);
      if (spent + batch > usd) expect(lanes).toEqual([]);
    }),
  );
});
