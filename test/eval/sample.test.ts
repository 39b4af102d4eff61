import { expect, test } from 'vitest';
import { drawSample } from '../../eval/gold/draw-sample.ts';
import { mapByName, mapLabels } from '../../eval/gold/mapping.ts';
import { DEFAULT_TAXONOMY } from '../../src/core/runs/taxonomy.ts';

const label = (n: number) => (n % 10 === 0 ? 'rare' : n % 10 < 4 ? 'some' : 'often');

const messages = Array.from({ length: 200 }, (_, n) => ({
  id: `m${n}`,
  channel: 'C0EVAL',
  ts: `${n}.0`,
  text: `text ${n}`,
  replies: [],
  labels: [label(n)],
  right: [label(n)],
  category: 'bug',
  second: [],
}));

const idsOf = (list: { id: string }[]) => list.map(({ id }) => id).sort();

test('a sample has the same shares as the data, and the rest is the rest', () => {
  const { sample, rest } = drawSample(messages, 50, 1);
  const counts = Map.groupBy(sample, ({ right }) => right[0]);
  // 10, 30 and 60 %.
  expect([...counts].map(([name, held]) => [name, held.length]).sort()).toEqual([
    ['often', 30],
    ['rare', 5],
    ['some', 15],
  ]);
  expect(idsOf([...sample, ...rest])).toEqual(idsOf(messages));
});

test('it follows from the seed, not from the order of the file', () => {
  const one = idsOf(drawSample(messages, 50, 1).sample);
  expect(idsOf(drawSample(messages.toReversed(), 50, 1).sample)).toEqual(one);
  expect(idsOf(drawSample(messages, 50, 2).sample)).not.toEqual(one);
});

test('every class is in it where there is room, and it is as large as was asked', () => {
  for (const size of [1, 2, 3, 4, 7, 199, 200, 500]) {
    const { sample } = drawSample(messages, size, 3);
    expect(sample).toHaveLength(Math.min(size, 200));
    if (size >= 3) expect(new Set(sample.flatMap(({ right }) => right)).size).toBe(3);
  }
});

test('labels that mean the same categories are one class, and a|b stands for both', () => {
  const data = ['defect', 'crash', 'wish', 'wish|defect', 'none', 'none|wish'];
  const {
    messages: gold,
    classes,
    leftOut,
  } = mapLabels(
    data.map((one, n) => ({
      id: `${n}`,
      channel: 'C',
      ts: `${n}.0`,
      text: '',
      replies: [],
      labels: [one],
    })),
    {
      taxonomy: DEFAULT_TAXONOMY,
      advice: '',
      mapping: new Map([
        ['defect', ['usability', 'bug']],
        ['crash', ['bug', 'usability']],
        ['wish', ['feature_request']],
        ['none', null],
      ]),
    },
  );
  expect(classes.map(({ name }) => name)).toEqual(['bug+usability', 'feature_request']);
  expect(gold.map(({ right, category }) => [right, category])).toEqual([
    [['bug+usability'], 'usability'],
    [['bug+usability'], 'bug'],
    [['feature_request'], 'feature_request'],
    [['feature_request', 'bug+usability'], 'feature_request'],
    [['feature_request'], 'feature_request'],
  ]);
  expect(leftOut).toBe(1);
});

test('without a mapping, labels are categories by key or name', () => {
  const mapping = mapByName(DEFAULT_TAXONOMY);
  expect(mapping.get('Feature request')).toEqual(['feature_request']);
  expect(mapping.get('feature_request')).toEqual(['feature_request']);
  expect(mapping.get('wish')).toBeUndefined();
});
