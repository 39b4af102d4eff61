import { expect, test } from 'vitest';
import { choosePart } from './choose-part.ts';

const ITEMS = Array.from({ length: 870 }, (_, n) => n);

test('a part has its size and its order, and a seed chooses it again', () => {
  const part = choosePart(ITEMS, 150 / 870, 7);
  expect(part).toHaveLength(150);
  expect(part).toEqual([...new Set(part)].sort((a, b) => a - b));
  expect(choosePart(ITEMS, 150 / 870, 7)).toEqual(part);
  expect(choosePart(ITEMS, 150 / 870, 8)).not.toEqual(part);
});

test('seeds together choose all of them', () => {
  const chosen = new Set(
    Array.from({ length: 40 }, (_, seed) => choosePart(ITEMS, 0.2, seed)).flat(),
  );
  expect(chosen.size).toBe(ITEMS.length);
});

test('the whole is everything, and of a few at least one is chosen', () => {
  expect(choosePart(ITEMS, 1, 7)).toEqual(ITEMS);
  expect(choosePart(ITEMS, 2, 7)).toEqual(ITEMS);
  expect(choosePart(['one', 'two'], 0.01, 7)).toHaveLength(1);
  expect(choosePart([], 0.5, 7)).toEqual([]);
});
