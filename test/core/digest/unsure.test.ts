import { expect, test } from 'vitest';
import { likeliestOf } from '../../../src/core/digest/unsure.ts';
import { DEFAULT_TAXONOMY } from '../../../src/core/runs/taxonomy.ts';

/** Which two categories people choose from. */

const keys = (category: string, runnerUp: string | null) =>
  likeliestOf({ category, runnerUp }, DEFAULT_TAXONOMY).map(({ key }) => key);

const [first = '', second = '', third = ''] = DEFAULT_TAXONOMY.categories.map(({ key }) => key);

test('Claude’s and its second, in the order of the taxonomy, whichever Claude chose', () => {
  expect(keys(first, third)).toEqual([first, third]);
  expect(keys(third, first)).toEqual([first, third]);
});

test('the one that comes first, where Claude named no other', () => {
  expect(keys(third, null)).toEqual([first, third]);
  expect(keys(first, null)).toEqual([first, second]);
  expect(keys(first, first)).toEqual([first, second]);
  expect(keys(first, 'gone')).toEqual([first, second]);
});

test('what the taxonomy has, when Claude’s is gone', () => {
  expect(keys('gone', second)).toEqual([second]);
});
