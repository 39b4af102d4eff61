import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type OwnPost, readTold } from '../../../src/core/delivery/adoption.ts';
import { listMentioned } from '../../../src/core/privacy/mentioned.ts';

/** What can be read from the bot's own posts: from those that the golden files keep. */

const FIXTURES = path.join(import.meta.dirname, '../../fixtures');
const START = '1732200000.000000';

type Golden = { key: string; effect: Pick<OwnPost, 'metadata' | 'text' | 'blocks'> };

const readDigest = (name: string): OwnPost[] =>
  JSON.parse(readFileSync(path.join(FIXTURES, 'digests', name), 'utf8')).map(
    ({ effect: { metadata, text, blocks } }: Golden) => ({ ts: START, metadata, text, blocks }),
  );

const isList = ({ metadata }: OwnPost) =>
  ['winnow_category', 'winnow_noise', 'winnow_dead'].includes(metadata.event_type);

const SUMMARIES = [
  'mixed-42.json',
  'everything.json',
  'hostile.json',
  'right-to-left.json',
  'all-noise.json',
  'five-thousand.json',
];

test.each(SUMMARIES)('%s tells of each message that its lists link to, once', (name) => {
  const posts = readDigest(name).filter(isList);
  const told = readTold(posts).map(({ ts }) => ts);
  expect(told).toEqual([...new Set(told)]);
  const linked = new Set(posts.flatMap((post) => listMentioned(JSON.stringify(post.blocks)).ts));
  expect(new Set(told)).toEqual(linked);
});

test('a message keeps its category, its words and whether it needs attention', () => {
  const told = readTold(readDigest('everything.json'));
  const counts = Map.groupBy(told, ({ category }) => category);
  expect(Object.fromEntries([...counts].map(([category, all]) => [category, all.length]))).toEqual({
    bug: 7,
    feature_request: 7,
    usability: 7,
    praise: 7,
    question: 7,
    noise: 7,
  });
  expect(told.filter(({ flag }) => flag === 'open').length).toBeGreaterThan(3);
  expect(told.find(({ category }) => category === 'bug')?.gist).toMatch(/^\w.{5,}/);
});

test('what is listed twice keeps the category that counts it', () => {
  const told = readTold(readDigest('two-categories.json'));
  expect(told.map(({ ts, category }) => [ts.slice(8, 10), category])).toEqual([
    ['01', 'bug'],
    ['04', 'bug'],
    ['03', 'feature_request'],
    ['02', 'praise'],
  ]);
});

const list = (text: string, blocks: object[]): OwnPost => ({
  ts: START,
  metadata: {
    event_type: 'winnow_category',
    event_payload: { key: 'list-r1-bug-1', category: 'bug' },
  },
  text,
  blocks,
});
const card = (state: string): OwnPost => ({
  ts: START,
  metadata: {
    event_type: 'winnow_card',
    event_payload: { key: 'card-r1', ts: '1732200001.000100' },
  },
  text: '',
  blocks: [{ type: 'rich_text', block_id: `state-${state}` }],
});
const LINK = 'https://acme.slack.com/archives/C0FEEDBACK/p1732200001000100';
const TOLD = { ts: '1732200001.000100', category: 'bug', gist: '', flag: null };

test('a list that was sent as plain text still says which messages it told of', () => {
  expect(readTold([list(`*Bug*: 1 message\n• It crashes <${LINK}|view>`, [])])).toEqual([TOLD]);
});

test.each([
  ['open', 'open'],
  ['claimed', 'open'],
  ['resolved', 'resolved'],
  ['dismissed', 'dismissed'],
  ['withdrawn', 'withdrawn'],
])('a card that says %s leaves its message %s', (shown, flag) => {
  expect(readTold([list(LINK, []), card(shown)])).toEqual([{ ...TOLD, flag }]);
});

test.each([
  [{}],
  [{ type: 'rich_text' }],
  [{ type: 'rich_text', elements: [null, { type: 'rich_text_list' }] }],
])('blocks in another form say nothing: %j', (block) => {
  expect(readTold([list('', [block]), card('unheard of')])).toEqual([]);
});
