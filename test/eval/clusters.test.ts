import { describe, expect, test } from 'vitest';
import { type Placed, scoreClusters } from '../../eval/score/clusters.ts';
import { chooseThreshold, groupByWords } from '../../eval/score/tf-idf.ts';

/** All figures are counted by hand. */

const place = (...list: [cluster: string, group: string][]): Placed[] =>
  list.map(([cluster, group]) => ({ cluster, group }));

// Three of a in one group and one apart; a message of b is among the three; c is alone.
const PLACED = place(
  ['a', '1'],
  ['a', '1'],
  ['a', '1'],
  ['a', '2'],
  ['b', '1'],
  ['b', '3'],
  ['c', '4'],
);

describe('a grouping', () => {
  const { bcubed, pairwise, ...counts } = scoreClusters(PLACED, 1);

  test('is measured message by message', () => {
    expect(counts).toEqual({ messages: 7, clusters: 3, groups: 1 });
    // Precision: three messages at 3/4, one at 1/4, three that are alone at 1.
    const precision = (3 * (3 / 4) + 1 / 4 + 3) / 7;
    // Recall: three messages at 3/4, one at 1/4; two at 1/2; one at 1.
    const recall = (3 * (3 / 4) + 1 / 4 + 2 * (1 / 2) + 1) / 7;
    expect(bcubed.precision).toBeCloseTo(precision, 12);
    expect(bcubed.recall).toBeCloseTo(recall, 12);
    expect(bcubed.f1).toBeCloseTo((2 * precision * recall) / (precision + recall), 12);
  });

  test('is measured pair by pair', () => {
    // In groups: 6 pairs, of which 3 are of one cluster. In clusters: 6 + 1 pairs.
    expect(pairwise).toMatchObject({ precision: 3 / 6, recall: 3 / 7, f1: 6 / 13 });
  });

  test('has intervals that follow from the seed', () => {
    for (const { precision, precisionLow, precisionHigh } of [bcubed, pairwise]) {
      expect(precisionLow).toBeLessThan(precision ?? 0);
      expect(precisionHigh).toBeGreaterThan(precision ?? 1);
    }
    expect(scoreClusters(PLACED, 1).bcubed).toEqual(bcubed);
    // Three samples of each seed are not the same.
    expect(scoreClusters(PLACED, 1, 3).bcubed).not.toEqual(scoreClusters(PLACED, 2, 3).bcubed);
  });
});

test('with a single cluster there is nothing to draw: the interval is the figure', () => {
  const { bcubed } = scoreClusters(place(['a', '1'], ['a', '1'], ['a', '2'], ['a', '3']), 1);
  // Recall: two messages at 2/4, two at 1/4.
  expect(bcubed).toMatchObject({
    precision: 1,
    recall: 3 / 8,
    recallLow: 3 / 8,
    recallHigh: 3 / 8,
  });
});

test('a perfect grouping is right, one of single messages has no pairs, and none has no figures', () => {
  const perfect = scoreClusters(place(['a', '1'], ['a', '1'], ['b', '2']), 1);
  for (const figures of [perfect.bcubed, perfect.pairwise]) {
    expect(figures).toMatchObject({ precision: 1, recall: 1, f1: 1, f1Low: 1, f1High: 1 });
  }
  const apart = scoreClusters(place(['a', '1'], ['a', '2']), 1);
  expect(apart.bcubed).toMatchObject({ precision: 1, recall: 1 / 2 });
  expect(apart.pairwise).toMatchObject({ precision: null, recall: 0, f1: 0, precisionLow: null });
  const none = { precision: null, recall: null, f1: null, f1Low: null };
  expect(scoreClusters([], 1)).toMatchObject({ messages: 0, bcubed: none, pairwise: none });
});

describe('the baseline', () => {
  const say = (cluster: string, text: string, channel = 'app') => ({ channel, cluster, text });
  const MESSAGES = [
    say('pdf', 'export to pdf fails'),
    say('pdf', 'the export to pdf'),
    say('dark', 'dark mode'),
    say('dark', 'Dark Mode, mode'),
    say('widget', 'widget'),
  ];
  const groupsOf = (threshold: number) =>
    groupByWords(MESSAGES, threshold).map(({ group }) => group);

  test('links what shares many of its rare words', () => {
    const [one, two, three, four, five] = groupsOf(0.5);
    expect([one, three]).toEqual([two, four]);
    expect(new Set([one, three, five]).size).toBe(3);
    expect(new Set(groupsOf(1)).size).toBe(5);
  });

  test('links through others', () => {
    const chain = [say('x', 'red green'), say('x', 'green blue'), say('x', 'blue white')];
    expect(new Set(groupByWords(chain, 0.3).map(({ group }) => group)).size).toBe(1);
  });

  test('weighs words by how few messages have them', () => {
    // "a b" of two texts: each word in both weighs ln(3/3) + 1 = 1, a word in one ln(3/2) + 1.
    const rare = Math.log(3 / 2) + 1;
    const cosine = 1 / (1 + rare * rare);
    const pair = [say('x', 'same other'), say('x', 'same thing')];
    const size = (threshold: number) =>
      new Set(groupByWords(pair, threshold).map(({ group }) => group)).size;
    expect(size(cosine - 1e-9)).toBe(1);
    expect(size(cosine + 1e-9)).toBe(2);
  });

  test('has the threshold that does best on other messages, or a fixed one', () => {
    expect(chooseThreshold([])).toBe(0.3);
    const threshold = chooseThreshold(MESSAGES);
    const placed = groupByWords(MESSAGES, threshold);
    expect(scoreClusters(placed, 1).bcubed.f1).toBe(1);
    // The messages of two channels are never linked.
    const apart = [say('one', 'the same', 'a'), say('two', 'the same', 'b')];
    expect(chooseThreshold(apart)).toBe(0.95);
  });
});
