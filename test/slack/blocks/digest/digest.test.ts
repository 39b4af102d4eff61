import type { SectionBlock } from '@slack/types';
import { describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../../../sim/slack/block-kit/validate.ts';
import { listKey, type NewEffect } from '../../../../src/core/delivery/effects.ts';
import type { Digest } from '../../../../src/core/digest/digest.ts';
import { escapeMrkdwn } from '../../../../src/core/text.ts';
import { ACTIONS, formatTarget } from '../../../../src/slack/blocks/actions.ts';
import { renderDigest, renderEmptied } from '../../../../src/slack/blocks/digest/digest.ts';
import { flattenBlocks } from '../../../../src/slack/blocks/flatten.ts';
import { LARGEST } from '../people/cards.ts';
import {
  dead,
  digestOf,
  fortnight,
  HOSTILE,
  type More,
  nowhere,
  type Published,
  posted,
  published,
  readFeedback,
  renderContext,
  START,
  stillOpen,
  theme,
  tsOf,
} from './digests.ts';

/** The day before the one that ends with the summary. */
const DAY_BEFORE = { from: START - 2 * 86_400_000, to: START - 86_400_000 };

const CATEGORIES = ['bug', 'feature_request', 'usability', 'praise', 'question', 'noise'];
const URGENCIES = ['low', 'low', 'medium', 'low', 'high'] as const;
const SENTIMENTS = ['negative', 'neutral', 'positive'] as const;

/** Real feedback, with verdicts dealt out by turns: what they say of it is not the point here. */
const mixed = readFeedback(42).map((text, n) =>
  published(n, {
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
  published(n, { category: 'noise', text: HOSTILE[n] ?? '', gist: '' }),
);

describe('what people see of a digest', () => {
  test.each<[string, Digest]>([
    ['without-noise', digestOf([published(1), published(2, { category: 'praise' })])],
    ['one-message', digestOf([published(1)], { requestedBy: null })],
    ['mixed-42', digestOf(mixed)],
    ['all-noise', digestOf(noise)],
    [
      'posted-again',
      digestOf(
        [published(1, { copies: [tsOf(7), tsOf(8)] }), published(2, { category: 'praise' })],
        {
          dead: [dead(3, { copies: [tsOf(4)] })],
        },
      ),
    ],
    ['gone-emoji', digestOf([published(1)], { goneEmoji: ['shipit', 'a', 'b', 'c', 'd'] })],
    [
      'everything-flagged',
      digestOf([1, 2, 3].map((n) => published(n, { urgency: 'high', author: 'U0BOB' }))),
    ],
    [
      'hostile',
      digestOf(
        HOSTILE.map((text, n) =>
          published(n, {
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
      digestOf([published(1)], { dead: [dead(8), dead(9, { text: '' })], againTotal: 3 }),
    ],
    ['only-dead', digestOf([], { dead: [dead(8)] })],
    [
      'unknown-cost',
      digestOf([published(1)], { costUsd: null, model: 'claude-next-9', requestedBy: 'U0UNKNOWN' }),
    ],
    [
      'still-open',
      digestOf([published(1, { urgency: 'high' }), published(2)], {
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
    ['all-settled', digestOf([published(1)], { settledTotal: 1, stillOpen: [stillOpen(5)] })],
    [
      'rescued-noise',
      digestOf([
        published(1, { category: 'noise', text: 'x', flagged: true }),
        published(2, { category: 'noise', text: 'y', threadTs: tsOf(0) }),
      ]),
    ],
    ['lost-category', digestOf([published(1, { category: 'pricing' })])],
    ['nothing', digestOf([], { requestedBy: null, costUsd: 0 })],
    [
      'everything',
      digestOf(mixed, {
        before: {
          span: DAY_BEFORE,
          countByCategory: new Map([
            ['bug', 4],
            ['usability', 9],
          ]),
        },
        themes: [
          theme(1, { title: 'Export fails on Safari' }),
          theme(2, { trend: 'new', fresh: 2, month: 2, firstSeen: START }),
          theme(3, { trend: 'quiet', fresh: 0, firstSeen: Date.parse('2023-12-31T23:30:00Z') }),
          theme(4),
        ],
        dailyCounts: fortnight('bug', 'feature_request', 'praise'),
        stillOpen: [stillOpen(49), stillOpen(20, { state: 'claimed', by: 'U0BOB' })],
        dead: [dead(8)],
      }),
    ],
    ['late', digestOf(mixed.slice(0, 9), { endedAt: null, awaitedTotal: 7 })],
    [
      'long-names',
      digestOf(
        [
          published(1, {
            author: 'U0LONG',
            urgency: 'high',
            gist: 'Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung'.repeat(2),
          }),
        ],
        { requestedBy: 'U0LONG' },
      ),
    ],
    [
      'right-to-left',
      digestOf([
        published(1, { urgency: 'high', gist: 'التصدير يفشل كل يوم جمعة', author: 'U0SAMI' }),
        published(2, {
          category: 'praise',
          sentiment: 'positive',
          gist: 'אני אוהב את זה',
          author: 'U0SAMI',
        }),
      ]),
    ],
    [
      'emoji-only',
      digestOf([
        published(1, {
          category: 'praise',
          sentiment: 'positive',
          gist: '🎉🎉👩🏽‍🚀🇫🇷',
          text: '🎉🎉👩🏽‍🚀🇫🇷',
        }),
        published(2, { category: 'noise', gist: '👍', text: '👍' }),
      ]),
    ],
  ])('%s', async (name, digest) => {
    const effects = [...renderDigest(7, digest, renderContext, posted)];
    for (const { effect } of effects) {
      if (effect.kind !== 'post') throw new Error(effect.kind);
      createBlockCheck([]).message(effect.blocks, effect.text);
      expect(JSON.stringify(effect.blocks).length).toBeLessThan(9000);
    }
    const posts = `${JSON.stringify(effects, null, 2)}\n`;
    await expect(posts).toMatchFileSnapshot(`../../../fixtures/digests/${name}.json`);
  });
});

test('five-thousand: the parent, and how each list begins', async () => {
  const words = readFeedback(300);
  const messages = Array.from({ length: 5000 }, (_, n) => {
    const text = words[n % words.length] ?? '';
    const category = CATEGORIES[(n * 7) % 6] ?? 'bug';
    const urgency = n % 50 ? 'low' : 'high';
    return published(n, { text, gist: text.slice(0, 70), category, urgency });
  });
  const open = Array.from({ length: 31 }, (_, n) => stillOpen(200 - n));
  const digest = digestOf(messages, {
    themes: Array.from({ length: 40 }, (_, n) => theme(n + 1)),
    dailyCounts: fortnight('bug', 'feature_request', 'usability', 'praise', 'question'),
    stillOpen: open.slice(0, 5),
    stillOpenTotal: open.length,
    dead: Array.from({ length: 12 }, (_, n) => dead(10_000 + n)),
    costUsd: 0.2117,
  });
  const seen = new Set<string>();
  const beginnings = [...renderDigest(7, digest, renderContext, posted)].filter(({ effect }) => {
    if (effect.kind !== 'post') throw new Error(effect.kind);
    const { event_type, event_payload } = effect.metadata;
    const list = `${event_type} ${event_payload.category}`;
    return !seen.has(list) && seen.add(list);
  });
  const json = `${JSON.stringify(beginnings, null, 2)}\n`;
  await expect(json).toMatchFileSnapshot('../../../fixtures/digests/five-thousand.json');
});

type Post = Extract<NewEffect['effect'], { kind: 'post' }>;

const postsOf = (digest: Digest) =>
  [...renderDigest(7, digest, renderContext, posted)].map(({ effect, key, priority }) => {
    if (effect.kind !== 'post') throw new Error(effect.kind);
    return { ...effect, key, priority };
  });

const permalinksIn = (post: Post) =>
  [...JSON.stringify(post.blocks).matchAll(/archives\/C0FEEDBACK\/p(\d+)/g)].map(([, id]) => id);

describe('a digest of 5,000 messages', () => {
  const messages = Array.from({ length: 5000 }, (_, n) =>
    published(n, {
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
  const posts = postsOf(digestOf([published(1, { category: 'dead' })], { dead: [dead(2)] }));
  expect(new Set(posts.map(({ key }) => key)).size).toBe(posts.length);
});

test('the oldest three of what is still open are shown, and how many there are besides', () => {
  const open = Array.from({ length: 3 }, (_, n) => stillOpen(100 - n));
  const [parent] = postsOf(digestOf([published(1)], { stillOpen: open, stillOpenTotal: 1007 }));
  expect(permalinksIn(parent as Post)).toEqual(
    expect.arrayContaining(open.map(({ ts }) => ts.replace('.', ''))),
  );
  expect(JSON.stringify(parent?.blocks)).toContain('Still open: 1,007');
  expect(JSON.stringify(parent?.blocks)).toContain('and 1,004 more');
});

const before = (counts: [string, number][]) => ({
  before: { span: DAY_BEFORE, countByCategory: new Map(counts) },
});

test.each<[string, More, Published[], string]>([
  [
    'something new and something old',
    { stillOpen: [stillOpen(5)] },
    [published(1, { urgency: 'high' })],
    '1 message. 1 needs a person. Still open from before: 1.',
  ],
  [
    'something old alone',
    { stillOpen: [stillOpen(5)] },
    [],
    'No new feedback since the last summary. Still open from before: 1.',
  ],
  [
    'nothing that needs a person any more',
    { settledTotal: 2 },
    [published(1)],
    '1 message. Nothing needs a person any more.',
  ],
  ['nothing left at all', {}, [], 'No new feedback since the last summary.'],
  [
    'noise',
    {},
    [published(1), published(2, { category: 'noise' })],
    '2 messages, 1 of them noise. Nothing needs a person.',
  ],
  [
    'nothing but noise',
    {},
    [published(2, { category: 'noise' })],
    '1 message: noise. Nothing needs a person.',
  ],
  [
    'what several say',
    { themes: [theme(1, { fresh: 2 }), theme(2, { fresh: 3, title: 'A & B' })], ...before([]) },
    [published(1), published(2)],
    '2 messages. Nothing needs a person. Several say: “A &amp; B” (3).',
  ],
  [
    'what has changed most, noise aside',
    before([
      ['bug', 4],
      ['praise', 1],
      ['noise', 50],
    ]),
    [published(1)],
    '1 message. Nothing needs a person. Bug down by 3.',
  ],
  [
    'no change to speak of',
    before([['bug', 2]]),
    [published(1)],
    '1 message. Nothing needs a person.',
  ],
  [
    'results that are late',
    { awaitedTotal: 7, endedAt: null },
    [published(1)],
    '1 message. Nothing needs a person so far. 7 still being classified: they are filled in here.',
  ],
])('the notification says it: %s', (_, facts, messages, words) => {
  expect(postsOf(digestOf(messages, facts))[0]?.text).toBe(
    `Feedback summary, Fri 22 Nov: ${words}`,
  );
});

const parentOf = (digest: Digest, linkOf = nowhere) => {
  const [parent] = renderDigest(7, digest, renderContext, linkOf);
  if (parent?.effect.kind !== 'post') throw new Error('no parent');
  return flattenBlocks(parent.effect.text, parent.effect.blocks);
};

test('counts say how they have changed, and lead to their lists once those are posted', () => {
  const digest = digestOf(
    [
      published(1),
      published(2),
      published(3, { category: 'praise' }),
      published(4, { category: 'question' }),
    ],
    {
      before: {
        span: DAY_BEFORE,
        countByCategory: new Map([
          ['bug', 1],
          ['usability', 3],
          ['question', 1],
        ]),
      },
    },
  );
  const lines = (words: string) =>
    words.split('\n').filter((line) => /By category|^• :/.test(line));
  expect(lines(parentOf(digest))).toEqual([
    'By category compared with the last summary',
    '• :bug:  2 Bug ▲1',
    '• :confounded:  0 Usability ▼3',
    '• :tada:  1 Praise · new',
    '• :question:  1 Question',
  ]);
  const only = (key: string) => (key === listKey(7, 'bug', 1) ? posted(key) : undefined);
  expect(lines(parentOf(digest, only))[1]).toBe(
    `• :bug:  <${escapeMrkdwn(posted(listKey(7, 'bug', 1)) ?? '')}|2> Bug ▲1`,
  );
});

test.each([
  ['America/New_York', '2024-11-01T03:59:00Z', 'Thu 31 Oct'],
  ['America/New_York', '2024-11-01T04:00:00Z', 'Fri 1 Nov'],
  ['Europe/Paris', '2024-03-31T21:59:00Z', 'Sun 31 Mar'],
  ['Europe/Paris', '2024-03-31T22:00:00Z', 'Mon 1 Apr'],
  ['Australia/Lord_Howe', '2024-10-31T12:59:00Z', 'Thu 31 Oct'],
  ['Australia/Lord_Howe', '2024-10-31T13:00:00Z', 'Fri 1 Nov'],
])('in %s at %s it is %s', (timeZone, at, day) => {
  const writtenAt = Date.parse(at);
  const facts = { writtenAt, endedAt: writtenAt, themes: [theme(1, { firstSeen: writtenAt })] };
  const [parent] = renderDigest(
    7,
    digestOf([published(1)], facts),
    { ...renderContext, timeZone },
    nowhere,
  );
  const words = parent?.effect.kind === 'post' ? flattenBlocks('', parent.effect.blocks) : '';
  expect(words).toContain(`Feedback summary, ${day}\n`);
  expect(words).toContain(`first seen ${day.slice(4)} `);
});

test('a theme of another year says so', () => {
  const themes = [theme(1, { firstSeen: Date.parse('2023-12-31T23:30:00Z') })];
  expect(parentOf(digestOf([published(1)], { themes }))).toContain('first seen 1 Jan ·');
  const older = [theme(1, { firstSeen: Date.parse('2023-12-31T22:30:00Z') })];
  expect(parentOf(digestOf([published(1)], { themes: older }))).toContain(
    'first seen 31 Dec 2023 ·',
  );
});

test('a summary of a time says which, has no run to tell of, and its thread nowhere', () => {
  const at = (iso: string) => Date.parse(iso);
  const span = (from: string, to: string) => ({
    kind: 'span' as const,
    from: at(from),
    to: at(to),
  });
  const week = digestOf([published(1, { urgency: 'high' })], {
    about: span('2024-11-14T23:00:00Z', '2024-11-22T10:00:00Z'),
  });
  const words = parentOf(week, posted);
  expect(words).toContain('Feedback, Fri 15 Nov to Fri 22 Nov');
  expect(words).not.toMatch(/thread|taxonomy/);
  const day = digestOf([], { about: span('2024-11-21T23:00:00Z', '2024-11-22T10:00:00Z') });
  expect(parentOf(day)).toContain('Feedback of Fri 22 Nov\nNo feedback in this time.');
});

test('every message of noise has a button that is about it, until it is rescued', () => {
  const messages = [1, 2, 3].map((n) => published(n, { category: 'noise', flagged: n === 2 }));
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

describe('the parent', () => {
  const longest = (nameOf: (user: string) => string) => {
    const long = '"'.repeat(40_000);
    const open = [1, 2, 3].map((n) => stillOpen(n, { gist: long, state: 'claimed', by: 'U1' }));
    const messages = LARGEST.categories.map(({ key }, n) =>
      published(n, { category: key, gist: long, sentiment: 'positive', flagged: n < 3 }),
    );
    const digest = digestOf(messages, {
      stillOpen: open,
      stillOpenTotal: 99_999,
      settledTotal: 99_999,
      awaitedTotal: 99_999,
      requestedBy: 'U1',
      themes: [1, 2, 3].map((n) => theme(n, { title: long })),
      dailyCounts: new Map(LARGEST.categories.map(({ key }) => [key, Array(14).fill(99_999)])),
    });
    const categories = LARGEST.categories.map((category) => ({
      category,
      count: 99_999,
      before: 1,
    }));
    const { summary } = digest;
    return renderDigest(
      7,
      { ...digest, summary: { ...summary, categories, taxonomy: LARGEST } },
      { ...renderContext, nameOf },
      posted,
    );
  };

  test('with everything as long as it can be is short enough', () => {
    const [parent] = longest(() => '"'.repeat(40_000));
    if (parent?.effect.kind !== 'post') throw new Error('no parent');
    const { blocks, text } = parent.effect;
    expect(JSON.stringify(blocks).length).toBeLessThan(9000);
    createBlockCheck([]).message(blocks, text);
    const words = flattenBlocks(text, blocks);
    // Whatever has to go: the numbers stay.
    for (const { name } of LARGEST.categories) expect(words).toContain(escapeMrkdwn(name));
    expect(words).toContain('Still open: 99,999');
  });

  test('of 5,000 messages is read as quickly as one of 42', () => {
    const all = Array.from({ length: 5000 }, (_, n) =>
      published(n, { ...mixed[n % 42], ts: tsOf(n), urgency: n % 50 ? 'low' : 'high' }),
    );
    const facts = {
      dailyCounts: fortnight(...CATEGORIES.slice(0, 5)),
      themes: [theme(1), theme(2)],
    };
    const length = (digest: Digest) => parentOf(digest).length;
    expect(length(digestOf(all, facts))).toBeLessThan(length(digestOf(mixed, facts)) + 300);
  });
});
