import { describe, expect, test } from 'vitest';
import type { Digest } from '../../../src/core/digest.ts';
import type { NewEffect } from '../../../src/core/effects.ts';
import { renderDigest } from '../../../src/slack/blocks/digest.ts';
import { around, dead, digestOf, HOSTILE, readFeedback, told, tsOf } from './digests.ts';

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
  const lists = posts.filter(
    ({ metadata }) => !['winnow_digest', 'winnow_card'].includes(metadata.event_type),
  );

  test('lists every message exactly once', () => {
    const all = [...messages, ...gone].map(({ ts }) => ts.replace('.', ''));
    expect(lists.flatMap(permalinksIn).toSorted()).toEqual(all.toSorted());
  });

  test('has a card for each flagged message', () => {
    const cards = posts.filter(({ metadata }) => metadata.event_type === 'winnow_card');
    const flagged = messages.filter((message) => message.flagged);
    expect(cards.flatMap(permalinksIn).toSorted()).toEqual(
      flagged.map(({ ts }) => ts.replace('.', '')).toSorted(),
    );
  });

  test('stays below the length at which Slack refuses a post', () => {
    for (const { blocks } of posts) expect(JSON.stringify(blocks).length).toBeLessThan(9000);
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
