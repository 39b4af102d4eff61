import { expect, test } from 'vitest';
import {
  addPublished,
  composeDigest,
  composeSummary,
  type DigestFacts,
  type PublishedByRank,
  type PublishedMessage,
} from '../../../src/core/digest/digest.ts';
import { DEFAULT_TAXONOMY } from '../../../src/core/runs/taxonomy.ts';

const published = (ts: string, more: Partial<PublishedMessage>): PublishedMessage => ({
  ts,
  threadTs: null,
  text: ts,
  category: 'bug',
  also: null,
  urgency: 'low',
  gist: ts,
  flagged: false,
  copies: [],
  ...more,
});

function compose(
  messages: PublishedMessage[],
  counts: [string, number][] = [],
  before: DigestFacts['before'] = null,
) {
  const facts: DigestFacts = {
    channel: 'C1',
    about: { kind: 'span', from: 0, to: 1 },
    writtenAt: 0,
    total: messages.length,
    attention: { fresh: 0, earlier: 0, unclaimed: 0, oldestAt: null, flags: [] },
    settledTotal: 0,
    praise: [],
    deadTotal: 0,
    goneEmoji: [],
    countByCategory: new Map(counts),
    before,
    themes: [],
    merges: [],
    topics: [],
    days: [],
    dailyCounts: new Map(),
  };
  const lists: PublishedByRank = new Map();
  for (const message of messages) addPublished(lists, message);
  const digest = composeDigest(facts, { lists, dead: [] }, DEFAULT_TAXONOMY);
  expect(digest.summary).toEqual(composeSummary(facts, DEFAULT_TAXONOMY));
  return digest;
}

test('lists come in the order of the taxonomy, whatever order the messages come in', () => {
  const { lists } = compose([
    published('1', { category: 'noise' }),
    published('2', { category: 'question' }),
    published('3', { category: 'bug' }),
  ]);
  expect(lists.map(({ category }) => category.key)).toEqual(['bug', 'question', 'noise']);
});

test('in a list the flagged come first, then by urgency, then by time', () => {
  const { lists } = compose([
    published('1', { urgency: 'low' }),
    published('2', { urgency: 'high' }),
    published('3', { urgency: 'medium', flagged: true }),
    published('4', { urgency: 'high', flagged: true }),
    published('5', { urgency: 'high' }),
    published('6', { urgency: 'high' }),
  ]);
  expect(lists[0]?.messages.map(({ ts }) => ts)).toEqual(['4', '3', '2', '5', '6', '1']);
});

test('a message with two categories is in both lists, and counts in the first alone', () => {
  const { lists, summary } = compose(
    [
      published('1', { also: 'praise', urgency: 'high', flagged: true }),
      published('2', { category: 'praise' }),
      published('3', { category: 'praise', also: 'question' }),
    ],
    [
      ['bug', 1],
      ['praise', 2],
    ],
  );
  const shown = lists.map(({ category, count, messages }) => [
    category.key,
    count,
    messages.map(({ ts }) => ts),
  ]);
  expect(shown).toEqual([
    ['bug', 1, ['1']],
    // Its own first, however urgent the others are.
    ['praise', 2, ['2', '3', '1']],
    ['question', 0, ['3']],
  ]);
  expect(summary.categories.map(({ category, count }) => [category.key, count])).toEqual([
    ['bug', 1],
    ['praise', 2],
  ]);
});

test('nothing is listed under a second category that is noise by now', () => {
  const { lists } = compose([published('1', { also: 'noise' })], [['bug', 1]]);
  expect(lists.flatMap(({ messages }) => messages)).toHaveLength(1);
});

test('a category that the taxonomy has lost is still told of, last and by its key', () => {
  const { lists } = compose([
    published('1', { category: 'pricing' }),
    published('2', { category: 'noise' }),
  ]);
  expect(lists.map(({ category }) => [category.key, category.name])).toEqual([
    ['noise', 'Not feedback'],
    ['pricing', 'pricing'],
  ]);
});

test('numbers are those of the facts, never counted again', () => {
  const { lists } = compose([published('1', {})], [['bug', 17]]);
  expect(lists[0]?.count).toBe(17);
});

test('counts have those of before beside them, also where nothing has come', () => {
  const counted = (before: DigestFacts['before']) =>
    compose([], [['praise', 2]], before).summary.categories.map((one) => [
      one.category.key,
      one.count,
      one.before,
    ]);
  expect(counted(null)).toEqual([['praise', 2, null]]);
  expect(counted({ span: { from: 0, to: 1 }, countByCategory: new Map([['bug', 3]]) })).toEqual([
    ['bug', 0, 3],
    ['praise', 2, 0],
  ]);
});
