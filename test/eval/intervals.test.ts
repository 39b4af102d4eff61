import { expect, test } from 'vitest';
import { bootstrap } from '../../eval/score/bootstrap.ts';
import { calibrate } from '../../eval/score/calibrate.ts';
import { middle } from '../../eval/score/interval.ts';

test('the middle of values leaves out a fortieth on each side', () => {
  expect(middle(Array.from({ length: 41 }, (_, n) => 40 - n))).toEqual({ low: 1, high: 39 });
  expect(middle([3])).toEqual({ low: 3, high: 3 });
  expect(middle([])).toBeNull();
});

const outcomes = Array.from({ length: 100 }, (_, n) => ({
  gold: n < 50 ? 'a' : 'b',
  // 40 of 50 a are found, and 30 of 50 b.
  predicted: n < 40 || n >= 80 ? 'a' : 'b',
}));

test('the same seed gives the same interval, another seed a similar one', () => {
  const one = bootstrap(outcomes, ['a', 'b'], 7);
  expect(bootstrap(outcomes, ['a', 'b'], 7)).toEqual(one);
  const other = bootstrap(outcomes, ['a', 'b'], 8);
  expect(other).not.toEqual(one);
  expect(other.macroF1?.low).toBeCloseTo(one.macroF1?.low ?? 0, 1);
});

test('an interval is as wide as the normal distribution says', () => {
  // Recall 0.8 of 50: 0.8 ± 1.96 √(0.8 × 0.2 / 50).
  const { recall } = bootstrap(outcomes, ['a', 'b'], 1).perClass.a ?? {};
  expect(Math.abs((recall?.low ?? 0) - 0.689)).toBeLessThan(0.03);
  expect(Math.abs((recall?.high ?? 0) - 0.911)).toBeLessThan(0.03);
});

test('where all is right, it is certain; where nothing is, nothing is known', () => {
  const right = [{ gold: 'a', predicted: 'a' }];
  const certain = { low: 1, high: 1 };
  expect(bootstrap(right, ['a', 'b'], 1)).toEqual({
    macroF1: certain,
    perClass: {
      a: { precision: certain, recall: certain, f1: certain },
      b: { precision: null, recall: null, f1: null },
    },
  });
  expect(bootstrap([], ['a'], 1).macroF1).toBeNull();
});

test('the calibration error weighs each bin by its messages', () => {
  const answers = [
    // Three of four right where they say 0.9 on average: 0.15 apart.
    ...[0.9, 0.9, 0.9, 0.9].map((confidence, n) => ({ confidence, right: n > 0 })),
    // None of one right where it says 0.3: 0.3 apart.
    { confidence: 0.3, right: false },
  ];
  const { ece, bins } = calibrate(answers);
  expect(ece).toBeCloseTo((4 * 0.15 + 1 * 0.3) / 5, 12);
  expect(bins.map(({ from, messages, accuracy }) => [from, messages, accuracy])).toEqual([
    [0.3, 1, 0],
    [0.9, 4, 0.75],
  ]);
  expect(calibrate([{ confidence: 1, right: true }])).toMatchObject({
    ece: 0,
    bins: [{ from: 0.9 }],
  });
  expect(calibrate([])).toEqual({ ece: null, bins: [] });
});
