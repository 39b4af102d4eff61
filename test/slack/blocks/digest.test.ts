import type { SectionBlock } from '@slack/types';
import { describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../../sim/slack/block-kit/validate.ts';
import type { Digest, DigestFacts, ToldMessage } from '../../../src/core/digest.ts';
import type { NewEffect } from '../../../src/core/effects.ts';
import { ACTIONS, formatTarget } from '../../../src/slack/blocks/actions.ts';
import { renderDigest, renderEmptied } from '../../../src/slack/blocks/digest.ts';
import { flattenBlocks } from '../../../src/slack/blocks/flatten.ts';
import { LARGEST } from './cards.ts';
import { around, dead, digestOf, HOSTILE, readFeedback, stillOpen, told, tsOf } from './digests.ts';

const CATEGORIES = ['bug', 'feature_request', 'usability', 'praise', 'question', 'noise'];
const URGENCIES = ['low', 'low', 'medium', 'low', 'high'] as const;
const SENTIMENTS = ['negative', 'neutral', 'positive'] as const;

/** Real feedback, with verdicts dealt out by turns: what they say of it is not the point here. */
const mixed = readFeedback(42).map((text, n) =>
  told(n, {
    text,
    gist: text.slice(0, 60),
    category: CATEGORIES[n % 6] ?? 'bug',
    urgency: URGENCIES[n % 5] ?? 'low',
    sentiment: SENTIMENTS[n % 3] ?? 'neutral',
    author: ['U0ANA', 'U0BOB', 'U0UNKNOWN', null][n % 4] ?? null,
    authorName: n % 4 === 3 ? 'App reviews' : null,
    threadTs: n % 10 === 9 ? tsOf(n - 9) : null,
  }),
);

const noise = [0, 1, 2].map((n) =>
  told(n, { category: 'noise', text: HOSTILE[n] ?? '', gist: '' }),
);

describe('what people see of a digest', () => {
  test.each<[string, Digest]>([
    ['without-noise', digestOf([told(1), told(2, { category: 'praise' })])],
    ['one-message', digestOf([told(1)], { requestedBy: null })],
    ['mixed-42', digestOf(mixed)],
    ['all-noise', digestOf(noise)],
    [
      'everything-flagged',
      digestOf([1, 2, 3].map((n) => told(n, { urgency: 'high', author: 'U0BOB' }))),
    ],
    [
      'hostile',
      digestOf(
        HOSTILE.map((text, n) =>
          told(n, {
            text,
            gist: n % 2 ? text.slice(0, 140) : 'A gist',
            urgency: n % 3 ? 'high' : 'low',
            category: n % 5 ? 'bug' : 'noise',
            author: null,
            authorName: text.slice(0, 80),
          }),
        ),
        { dead: [dead(99, { text: HOSTILE[3] ?? '', reason: HOSTILE[0] ?? '' })] },
      ),
    ],
    [
      'dead-and-again',
      digestOf([told(1)], { dead: [dead(8), dead(9, { text: '' })], againTotal: 3 }),
    ],
    ['only-dead', digestOf([], { dead: [dead(8)] })],
    [
      'unknown-cost',
      digestOf([told(1)], { costUsd: null, model: 'claude-next-9', requestedBy: 'U0UNKNOWN' }),
    ],
    [
      'still-open',
      digestOf([told(1, { urgency: 'high' }), told(2)], {
        settledTotal: 2,
        stillOpenTotal: 7,
        stillOpen: [
          stillOpen(170, { gist: 'Ask <!here> & *all*', threadTs: tsOf(-200) }),
          stillOpen(49, { state: 'claimed', by: 'U0BOB' }),
          stillOpen(48, { state: 'claimed', by: 'U0UNKNOWN' }),
          stillOpen(30, { gist: '' }),
          stillOpen(1),
        ],
      }),
    ],
    [
      'only-still-open',
      digestOf([], { stillOpen: [stillOpen(72)], requestedBy: null, costUsd: 0 }),
    ],
    ['all-settled', digestOf([told(1)], { settledTotal: 1, stillOpen: [stillOpen(5)] })],
    [
      'rescued-noise',
      digestOf([
        told(1, { category: 'noise', text: 'x', flagged: true }),
        told(2, { category: 'noise', text: 'y', threadTs: tsOf(0) }),
      ]),
    ],
    ['lost-category', digestOf([told(1, { category: 'pricing' })])],
  ])('%s', async (name, digest) => {
    const posts = `${JSON.stringify([...renderDigest(digest, around)], null, 2)}\n`;
    await expect(posts).toMatchFileSnapshot(`../../fixtures/digests/${name}.json`);
  });
});

type Post = Extract<NewEffect['effect'], { kind: 'post' }>;

const postsOf = (digest: Digest) =>
  [...renderDigest(digest, around)].map(({ effect, key, priority }) => {
    if (effect.kind !== 'post') throw new Error(effect.kind);
    return { ...effect, key, priority };
  });

const permalinksIn = (post: Post) =>
  [...JSON.stringify(post.blocks).matchAll(/archives\/C0FEEDBACK\/p(\d+)/g)].map(([, id]) => id);

describe('a digest of 5,000 messages', () => {
  const messages = Array.from({ length: 5000 }, (_, n) =>
    told(n, {
      category: CATEGORIES[n % 6] ?? 'bug',
      urgency: n % 100 ? 'low' : 'high',
      text: `${n} ${'"quoted" '.repeat(30)}`,
      gist: `${n} ${'"'.repeat(130)}`,
    }),
  );
  const gone = Array.from({ length: 500 }, (_, n) => dead(10_000 + n));
  const posts = postsOf(digestOf(messages, { dead: gone }));
  const lists = posts.filter(({ metadata }) => metadata.event_type !== 'winnow_digest');

  test('lists every message exactly once', () => {
    const all = [...messages, ...gone].map(({ ts }) => ts.replace('.', ''));
    expect(lists.flatMap(permalinksIn).toSorted()).toEqual(all.toSorted());
  });

  test('has no cards: they are written by whoever keeps them', () => {
    expect(posts.filter(({ metadata }) => metadata.event_type === 'winnow_card')).toEqual([]);
  });

  test('stays below the length at which Slack refuses a post', () => {
    for (const { blocks } of posts) expect(JSON.stringify(blocks).length).toBeLessThan(9000);
    for (const { blocks } of posts) expect(blocks.length).toBeLessThanOrEqual(50);
  });

  test('fills its posts: it does not take more of them than it has to', () => {
    const sizes = lists.map(({ blocks }) => JSON.stringify(blocks).length);
    expect(sizes.filter((size) => size < 8000).length).toBeLessThanOrEqual(CATEGORIES.length + 1);
  });

  test('says which part each post is', () => {
    const bugs = lists.filter(({ metadata }) => metadata.event_payload.category === 'bug');
    expect(bugs.map(({ text }) => text)).toEqual(
      bugs.map((_, index) => (index === 0 ? 'Bug · 834' : `Bug · 834 · part ${index + 1}`)),
    );
  });

  test('has a key of its own for every post, the same in its metadata', () => {
    expect(new Set(posts.map(({ key }) => key)).size).toBe(posts.length);
    for (const { key, metadata } of posts) expect(metadata.event_payload.key).toBe(key);
  });

  test('hangs every reply under its parent', () => {
    const [parent, ...replies] = posts;
    expect(parent?.parent).toBeUndefined();
    expect(new Set(replies.map((reply) => reply.parent))).toEqual(new Set([parent?.key]));
  });
});

test('a category that is called dead does not displace the messages that are', () => {
  const posts = postsOf(digestOf([told(1, { category: 'dead' })], { dead: [dead(2)] }));
  expect(new Set(posts.map(({ key }) => key)).size).toBe(posts.length);
});

test('the oldest five of what is still open are shown, and how many there are besides', () => {
  const open = Array.from({ length: 7 }, (_, n) => stillOpen(100 - n));
  const [parent] = postsOf(digestOf([told(1)], { stillOpen: open, stillOpenTotal: 1007 }));
  expect(permalinksIn(parent as Post)).toHaveLength(5);
  expect(JSON.stringify(parent?.blocks)).toContain('Still open: 1,007');
  expect(JSON.stringify(parent?.blocks)).toContain('and 1,002 more');
});

test.each<[string, Partial<DigestFacts>, ToldMessage[], string]>([
  [
    'something new and something old',
    { stillOpen: [stillOpen(5)] },
    [told(1, { urgency: 'high' })],
    'Feedback summary, Fri 22 Nov: 1 message (bug 1). 1 needs a person. Still open from before: 1.',
  ],
  [
    'something old alone',
    { stillOpen: [stillOpen(5)] },
    [],
    'Feedback summary, Fri 22 Nov: nothing new. Still open from before: 1.',
  ],
  [
    'nothing that needs a person any more',
    { settledTotal: 2 },
    [told(1)],
    'Feedback summary, Fri 22 Nov: 1 message (bug 1). Nothing needs a person any more.',
  ],
  [
    'nothing left at all',
    {},
    [],
    'Feedback summary, Fri 22 Nov: 0 messages. Nothing needs a person.',
  ],
])('the notification says it: %s', (_, facts, messages, words) => {
  expect(postsOf(digestOf(messages, facts))[0]?.text).toBe(words);
});

test('every message of noise has a button that is about it, until it is rescued', () => {
  const messages = [1, 2, 3].map((n) => told(n, { category: 'noise', flagged: n === 2 }));
  const [, list] = postsOf(digestOf(messages));
  const buttons = list?.blocks.flatMap((block) => {
    const { block_id, accessory } = block as Partial<SectionBlock>;
    return accessory?.type === 'button' ? [[block_id, accessory.action_id]] : [];
  });
  expect(buttons).toEqual(
    ['1', '3'].map((n) => [formatTarget('C0FEEDBACK', tsOf(Number(n))), ACTIONS.flag]),
  );
});

test('a post of which nothing is left says so', () => {
  const { text, blocks } = renderEmptied();
  expect(text).toBe('Nothing here any more: what stood here was corrected or deleted.');
  expect(flattenBlocks('', blocks)).toBe(text);
});

test('a parent with everything as long as it can be is short enough', () => {
  const long = '"'.repeat(40_000);
  const open = [1, 2, 3, 4, 5].map((n) => stillOpen(n, { gist: long, state: 'claimed', by: 'U1' }));
  const messages = LARGEST.categories.map(({ key }, n) => told(n, { category: key }));
  const digest = { ...digestOf(messages, { stillOpen: open }), requestedBy: 'U1' };
  const lists = LARGEST.categories.map((category) => ({ category, count: 99_999, messages: [] }));
  const posts = renderDigest({ ...digest, lists }, { ...around, nameOf: () => long });
  const [parent] = posts;
  if (parent?.effect.kind !== 'post') throw new Error('no parent');
  expect(JSON.stringify(parent.effect.blocks).length).toBeLessThan(9000);
  createBlockCheck([]).message(parent.effect.blocks, parent.effect.text);
});
