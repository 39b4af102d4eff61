import { describe, expect, test } from 'vitest';
import { compareShares, estimateShare, wilson } from '../../src/core/proportions.ts';

describe('a share of a simple sample', () => {
  test('has the interval of the books', () => {
    // Agresti and Coull (1998): 0 of 10 and 8 of 10; the bounds are symmetric.
    expect(wilson(8, 10)?.low).toBeCloseTo(0.4902, 4);
    expect(wilson(8, 10)?.high).toBeCloseTo(0.9433, 4);
    expect(wilson(2, 10)?.low).toBeCloseTo(1 - 0.9433, 4);
    expect(wilson(0, 10)).toEqual({ low: 0, high: expect.closeTo(0.2775, 4) });
    expect(wilson(0, 0)).toBeNull();
  });

  test('is what it is, whether or not it is divided into groups alike', () => {
    const whole = estimateShare([{ weight: 7, right: 43, counted: 50 }]);
    expect(whole?.share).toBeCloseTo(0.86, 12);
    expect(whole?.low).toBeCloseTo(0.7381, 4);
    expect(whole?.high).toBeCloseTo(0.9305, 4);
    const parts = estimateShare([
      { weight: 200, right: 18, counted: 20 },
      { weight: 300, right: 25, counted: 30 },
    ]);
    for (const bound of ['share', 'low', 'high'] as const) {
      expect(parts?.[bound]).toBeCloseTo(whole?.[bound] ?? 0, 12);
    }
  });
});

describe('a share of a sample in which a small group is large', () => {
  test('counts each group by its weight, and knows less than the same number drawn from all', () => {
    const share = estimateShare([
      { weight: 90, right: 9, counted: 10 },
      { weight: 10, right: 5, counted: 10 },
    ]);
    // 0.9 × 9/10 + 0.1 × 5/10; by hand with 1 / (0.81/10 + 0.01/10) = 12.195 in Wilson's formula.
    expect(share?.share).toBeCloseTo(0.86, 12);
    expect(share?.low).toBeCloseTo(0.5833, 4);
    expect(share?.high).toBeCloseTo(0.9642, 4);
  });

  test('leaves out what was not counted, and says nothing when nothing was', () => {
    const known = { weight: 3, right: 4, counted: 5 };
    expect(estimateShare([known, { weight: 9, right: 0, counted: 0 }])).toEqual(
      estimateShare([known]),
    );
    expect(estimateShare([{ weight: 9, right: 0, counted: 0 }])).toBeNull();
    expect(estimateShare([])).toBeNull();
  });

  test('is never certain', () => {
    const all = estimateShare([
      { weight: 1, right: 5, counted: 5 },
      { weight: 2, right: 7, counted: 7 },
      { weight: 3, right: 11, counted: 11 },
    ]);
    // 1 / (1/36/5 + 4/36/7 + 9/36/11) = 22.647 messages count, and 22.647 / (22.647 + 1.96²) = 0.8550.
    expect(all).toEqual({ share: 1, low: expect.closeTo(0.855, 4), high: 1 });
  });

  /** What the interval is for: it holds the true share in about 95 of 100 samples. */
  test.each([
    [
      [0.5, 0.3, 0.15, 0.05],
      [5, 3, 1, 1],
      [0.95, 0.8, 0.9, 0.6],
    ],
    [
      [0.7, 0.2, 0.1],
      [4, 3, 3],
      [0.9, 0.7, 0.5],
    ],
    [
      [0.25, 0.25, 0.25, 0.25],
      [1, 2, 3, 4],
      [0.99, 0.9, 0.8, 0.7],
    ],
  ])('holds the truth: weights %j', (weights, aWeek, truths) => {
    const truth = weights.reduce((sum, weight, n) => sum + weight * (truths[n] ?? 0), 0);
    const random = createRandom(7);
    const samples = 2000;
    let held = 0;
    for (let sample = 0; sample < samples; sample++) {
      const estimate = estimateShare(
        weights.map((weight, n) => {
          const counted = 5 * (aWeek[n] ?? 0);
          const right = Array.from({ length: counted }, random).filter((x) => x < (truths[n] ?? 0));
          return { weight, right: right.length, counted };
        }),
      );
      if (estimate && estimate.low <= truth && truth <= estimate.high) held++;
    }
    expect(held / samples).toBeGreaterThan(0.93);
  });
});

test('two shares differ by the interval of the books', () => {
  // Newcombe (1998), table II: 56 of 70 and 48 of 80.
  const [one, other] = [
    estimateShare([{ weight: 1, right: 56, counted: 70 }]),
    estimateShare([{ weight: 1, right: 48, counted: 80 }]),
  ];
  if (!one || !other) throw new Error('both were counted');
  expect(compareShares(one, other).low).toBeCloseTo(0.0524, 4);
  expect(compareShares(one, other).high).toBeCloseTo(0.3339, 4);
  expect(compareShares(other, one).low).toBeCloseTo(-0.3339, 4);
});

/** Mulberry32: the same numbers from 0 to 1 for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
