import { expect, test } from 'vitest';
import { measureWaits, quantilesOf } from '../../bench/latency/figures.ts';

test('half of the reactions are there with the one in the middle, or the one before it', () => {
  expect(measureWaits([9, 1, 5])).toEqual({ first: 1, half: 5, last: 9 });
  expect(measureWaits([4, 3, 2, 1])).toEqual({ first: 1, half: 2, last: 4 });
  expect(measureWaits([7])).toEqual({ first: 7, half: 7, last: 7 });
});

test('a quantile is one of the figures', () => {
  const figures = Array.from({ length: 30 }, (_, n) => 30 - n);
  expect(quantilesOf(figures)).toEqual({ p50: 15, p90: 27 });
});
