import { expect, test } from 'vitest';
import { measure, tabulate } from '../../eval/score/measure.ts';
import { type GoldClass, resolveOutcome, UNUSABLE } from '../../eval/score/outcome.ts';

/** All figures are counted by hand. */

const pairs = (...list: [gold: string, predicted: string][]) =>
  list.map(([gold, predicted]) => ({ gold, predicted }));

// a: 3 messages, 2 found; b: 2 messages, 1 found; c: 1 message, none found; one answer is unusable.
const OUTCOMES = pairs(['a', 'a'], ['a', 'a'], ['a', 'b'], ['b', 'b'], ['b', UNUSABLE], ['c', 'a']);

test('accuracy, precision, recall and F1 are counted, and an unusable answer is wrong', () => {
  const { accuracy, macroF1, perClass } = measure(OUTCOMES, ['a', 'b', 'c']);
  expect(accuracy).toBe(3 / 6);
  expect(perClass).toEqual({
    a: { precision: 2 / 3, recall: 2 / 3, f1: 4 / 6, support: 3, predicted: 3 },
    b: { precision: 1 / 2, recall: 1 / 2, f1: 2 / 4, support: 2, predicted: 2 },
    c: { precision: null, recall: 0, f1: 0, support: 1, predicted: 0 },
  });
  expect(macroF1).toBeCloseTo((4 / 6 + 2 / 4 + 0) / 3, 12);
});

test('a class without messages has no part in the mean', () => {
  const { macroF1, perClass } = measure(pairs(['a', 'a'], ['a', 'b']), ['a', 'b']);
  expect(perClass.b).toEqual({ precision: 0, recall: null, f1: 0, support: 0, predicted: 1 });
  // a: precision 1, recall 1/2.
  expect(macroF1).toBeCloseTo(2 / 3, 12);
});

test('without messages nothing is known', () => {
  expect(measure([], ['a'])).toEqual({
    messages: 0,
    accuracy: null,
    macroF1: null,
    perClass: { a: { precision: null, recall: null, f1: 0, support: 0, predicted: 0 } },
  });
});

test('the confusion table has a row for each class of the data, and a column for each answer', () => {
  expect(tabulate([...OUTCOMES, ...pairs(['c', 'other'])], ['a', 'b', 'c', 'd'])).toEqual({
    gold: ['a', 'b', 'c'],
    predicted: ['a', 'b', 'c', 'd', UNUSABLE, 'other'],
    counts: [
      [2, 1, 0, 0, 0, 0],
      [0, 1, 0, 0, 1, 0],
      [1, 0, 0, 0, 0, 1],
    ],
  });
});

const CLASSES: GoldClass[] = [
  { name: 'bug+usability', categories: ['bug', 'usability'] },
  { name: 'feature_request', categories: ['feature_request'] },
];

test.each([
  // Any category of a class is right for it.
  [['bug+usability'], 'usability', 'bug+usability', 'bug+usability'],
  // With several right labels, the one that was found counts.
  [['bug+usability', 'feature_request'], 'feature_request', 'feature_request', 'feature_request'],
  // If none was found, the main one was missed.
  [['feature_request', 'bug+usability'], 'praise', 'feature_request', 'praise'],
  [['feature_request'], 'bug', 'feature_request', 'bug+usability'],
  [['feature_request'], null, 'feature_request', UNUSABLE],
])('%j answered with %s', (right, category, gold, predicted) => {
  expect(resolveOutcome(right, category, CLASSES)).toEqual({ gold, predicted });
});

test('where classes share a category, the right one of them counts', () => {
  const classes = [
    { name: 'bug+usability', categories: ['bug', 'usability'] },
    { name: 'usability+question', categories: ['usability', 'question'] },
  ];
  expect(resolveOutcome(['usability+question'], 'usability', classes)).toEqual({
    gold: 'usability+question',
    predicted: 'usability+question',
  });
});
