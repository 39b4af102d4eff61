import { expect, test } from 'vitest';
import { composeTopics, type TopicRow } from '../../src/core/themes/topics.ts';

const row = (
  id: number,
  title: string,
  themes: number[],
  more: Partial<TopicRow> = {},
): TopicRow => ({
  id,
  title,
  state: 'grouped',
  by: null,
  themes,
  ...more,
});
/** Rows come newest first. */
const compose = (...rows: TopicRow[]) =>
  composeTopics(rows.toReversed()).map(({ id, title, themes }) => [id, title, themes]);

test('accepted decisions with the same title are one topic, which the newest one names', () => {
  expect(compose(row(1, 'Sync', [1, 2]), row(2, 'Login', [5, 6]), row(3, 'SYNC', [3]))).toEqual([
    [2, 'Login', [5, 6]],
    [3, 'SYNC', [1, 2, 3]],
  ]);
});

test('a proposal to add asks shows all of the topic', () => {
  expect(compose(row(1, 'Sync', [1, 2]), row(2, 'sync', [3], { state: 'proposed' }))).toEqual([
    [1, 'Sync', [1, 2]],
    [2, 'sync', [1, 2, 3]],
  ]);
});

test('asks that were merged count once, under the topic that had one of them first', () => {
  expect(compose(row(1, 'Sync', [1, 1, 2]), row(2, 'Login', [2, 3]))).toEqual(
    [
      [2, 'Login', [3]],
      [1, 'Sync', [1, 2]],
    ].toSorted(([one], [other]) => Number(one) - Number(other)),
  );
  // Nothing is left to decide on.
  expect(
    compose(row(1, 'Sync', [1, 2]), row(2, 'New', [2, 1], { state: 'proposed' })),
  ).toHaveLength(1);
});
