import { expect, test } from 'vitest';
import { chartDays, composeChart } from '../../../src/core/digest/chart.ts';
import { DEFAULT_TAXONOMY } from '../../../src/core/runs/taxonomy.ts';

const NOW = Date.parse('2026-11-23T08:00:00Z');
const days = chartDays(NOW, 'Europe/Paris');
const on = (...counts: [day: number, n: number][]) =>
  days.map((_, n) => counts.find(([day]) => day === n)?.[1] ?? 0);

test('is about two weeks, today included', () => {
  expect(days).toHaveLength(14);
  expect(days[0]?.date).toBe('2026-11-10');
  expect(days[13]?.date).toBe('2026-11-23');
});

test('puts the category with the most first, and one without a message nowhere', () => {
  const counts = new Map([
    ['praise', on([3, 1])],
    ['bug', on()],
    ['question', on([0, 2], [5, 9], [7, 3], [13, 5])],
  ]);
  expect(composeChart(days, counts, DEFAULT_TAXONOMY)?.series).toEqual([
    { name: 'Question', counts: on([0, 2], [5, 9], [7, 3], [13, 5]), total: 19 },
    { name: 'Praise', counts: on([3, 1]), total: 1 },
  ]);
});

test('adds up what is more than Slack draws', () => {
  const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const counts = new Map(keys.map((key, n) => [key, on([n, 10 - n])]));
  const six = new Map([...counts].slice(0, 6));
  expect(composeChart(days, six, DEFAULT_TAXONOMY)?.series.map(({ name }) => name)).toEqual(
    keys.slice(0, 6),
  );
  const seven = composeChart(days, counts, DEFAULT_TAXONOMY)?.series ?? [];
  expect(seven.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e', 'Other']);
  expect(seven[5]).toEqual({ name: 'Other', counts: on([5, 5], [6, 4]), total: 9 });
});

test.each([
  [
    'of four days',
    [
      [0, 9],
      [1, 9],
      [2, 9],
      [3, 9],
    ],
    false,
  ],
  [
    'of nineteen messages',
    [
      [0, 4],
      [1, 4],
      [2, 4],
      [3, 4],
      [4, 3],
    ],
    false,
  ],
  [
    'of twenty messages on five days',
    [
      [0, 4],
      [1, 4],
      [2, 4],
      [3, 4],
      [4, 4],
    ],
    true,
  ],
] as [string, [number, number][], boolean][])(
  'a chart %s says something or is left out',
  (_, perDay, says) => {
    const counts = new Map([['bug', on(...perDay)]]);
    expect(composeChart(days, counts, DEFAULT_TAXONOMY) !== null).toBe(says);
  },
);

test('of nothing there is none', () => {
  expect(composeChart(days, new Map(), DEFAULT_TAXONOMY)).toBeNull();
  expect(composeChart(days, new Map([['bug', on()]]), DEFAULT_TAXONOMY)).toBeNull();
});
