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
    [
      'two-categories',
      digestOf([
        published(1, { also: 'question' }),
        published(2, { category: 'praise', also: 'no_longer_there' }),
        published(3, { category: 'feature_request', also: 'bug', copies: [tsOf(8)] }),
        published(4),
      ]),
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
        earlierTotal: 7,
        earlier: [
          stillOpen(170, { gist: 'Ask <!here> & *all*', threadTs: tsOf(-200) }),
          stillOpen(49, { state: 'claimed', by: 'U0BOB' }),
          stillOpen(48, { state: 'claimed', by: 'U0UNKNOWN' }),
          stillOpen(30, { gist: '' }),
          stillOpen(1),
        ],
      }),
    ],
    ['only-still-open', digestOf([], { earlier: [stillOpen(72)], requestedBy: null, costUsd: 0 })],
    ['all-settled', digestOf([published(1)], { settledTotal: 1, earlier: [stillOpen(5)] })],
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
        earlier: [stillOpen(49), stillOpen(20, { state: 'claimed', by: 'U0BOB' })],
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
          text: 'אני אוהב את זה',
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
    earlier: open.slice(0, 5),
    earlierTotal: open.length,
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
      bugs.map((_, index) =>
        index === 0 ? 'Bug: 834 messages' : `Bug: 834 messages · part ${index + 1}`,
      ),
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

test('what needs attention is one list: what nobody has claimed first, then the most urgent', () => {
  const digest = digestOf(
    [
      published(1, { urgency: 'high', gist: 'New and urgent' }),
      published(2, { flagged: true, gist: 'New' }),
    ],
    {
      settledTotal: 2,
      earlier: [
        stillOpen(80, { gist: 'Old and claimed', state: 'claimed', by: 'U0ANA' }),
        stillOpen(75, { gist: 'Old' }),
      ],
    },
  );
  expect(parentOf(digest).split('\n').slice(1, 6)).toEqual([
    ':triangular_flag_on_post:  4 need attention (2 new, oldest 3 days, 3 unclaimed, 2 done)',
    expect.stringMatching(/^• :bug: <.*\|New and urgent>$/),
    expect.stringMatching(/^• :bug: <.*\|Old> · 3 days$/),
    expect.stringMatching(/^• :bug: <.*\|New>$/),
    expect.stringMatching(/^• :bug: <.*\|Old and claimed> · 3 days · :eyes: Ana Gomez$/),
  ]);
});

test('of more than four that need attention three are shown, and how many there are besides', () => {
  const open = Array.from({ length: 4 }, (_, n) => stillOpen(100 - n));
  const [parent] = postsOf(digestOf([published(1)], { earlier: open, earlierTotal: 1007 }));
  expect(permalinksIn(parent as Post).slice(0, 3)).toEqual(
    open.slice(0, 3).map(({ ts }) => ts.replace('.', '')),
  );
  expect(JSON.stringify(parent?.blocks)).toContain('1,007 need attention');
  expect(JSON.stringify(parent?.blocks)).toContain('and 1,004 more on the Home tab');
});

test.each<[string, More, Published[], string]>([
  [
    'something new and something old',
    { earlier: [stillOpen(5)] },
    [published(1, { urgency: 'high' })],
    '1 message. 2 need attention.',
  ],
  [
    'something old alone',
    { earlier: [stillOpen(5)] },
    [],
    'No new feedback since the last summary. 1 needs attention.',
  ],
  [
    'nothing that needs attention any more',
    { settledTotal: 2 },
    [published(1)],
    '1 message. Nothing needs attention any more.',
  ],
  ['nothing left at all', {}, [], 'No new feedback since the last summary.'],
  [
    'noise',
    {},
    [published(1), published(2, { category: 'noise' })],
    '2 messages, 1 of them not feedback. Nothing needs attention.',
  ],
  [
    'nothing but noise',
    {},
    [published(2, { category: 'noise' })],
    '1 message, not feedback. Nothing needs attention.',
  ],
  [
    'what several say',
    { themes: [theme(1, { fresh: 2 }), theme(2, { fresh: 3, title: 'A & B' })] },
    [published(1), published(2)],
    '2 messages. Nothing needs attention. Top theme: “A &amp; B” (3 people).',
  ],
  [
    'results that are late',
    { awaitedTotal: 7, endedAt: null },
    [published(1)],
    '1 message. Nothing needs attention so far. 7 still being classified: they are added here.',
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
  const words = parentOf(digest);
  expect(words).toContain(':bug: 2 ▲1 · :confounded: 0 ▼3 · :tada: 1 ▲1 · :question: 1\n');
  expect(words).toContain('▲▼ vs last time · $0.0031');
  const only = (key: string) => (key === listKey(7, 'bug', 1) ? posted(key) : undefined);
  expect(parentOf(digest, only)).toContain(
    `:bug: <${escapeMrkdwn(posted(listKey(7, 'bug', 1)) ?? '')}|2> ▲1 · `,
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
  const facts = { writtenAt, endedAt: writtenAt };
  const [parent] = renderDigest(
    7,
    digestOf([published(1)], facts),
    { ...renderContext, timeZone },
    nowhere,
  );
  const words = parent?.effect.kind === 'post' ? flattenBlocks('', parent.effect.blocks) : '';
  expect(words).toContain(`Feedback summary, ${day}: 1 message\n`);
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
  expect(words).toContain('Feedback, Fri 15 Nov to Fri 22 Nov: 1 message');
  expect(words).not.toMatch(/thread|taxonomy/);
  const day = digestOf([], { about: span('2024-11-21T23:00:00Z', '2024-11-22T10:00:00Z') });
  expect(parentOf(day)).toContain('Feedback of Fri 22 Nov\nNo feedback in this period.');
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
  expect(text).toBe('Nothing left here: what stood here was corrected, done or deleted.');
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
      earlier: open,
      earlierTotal: 99_999,
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
    expect(words).toContain('100,002 need attention');
    expect(words).toContain(`: ${LARGEST.categories.length} messages`);
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

describe('the parent is read in twenty seconds', () => {
  /** Lines as a window of 60 characters shows them, and their characters; emoji as two, without addresses. */
  function measure(digest: Digest) {
    const words = parentOf(digest, posted)
      .replace(/<[^|>]*\|([^>]*)>/g, '$1')
      .replace(/:[a-z_]+:/g, '🚩')
      .replace(/&(?:amp|lt|gt);/g, '.');
    const lines = words.split('\n');
    return {
      lines: lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 60)), 0),
      characters: words.length,
    };
  }

  const themes = [1, 2, 3].map((n) =>
    theme(n, { title: `The export to PDF fails in browser ${n}` }),
  );
  const gist = 'The CSV export has been failing since Monday, and the customer loses orders';

  test('of 42 messages, 4 of them flagged, with 3 themes', () => {
    const messages = mixed.map((message, n) => ({
      ...message,
      gist,
      sentiment: 'positive' as const,
      flagged: n < 2,
    }));
    const digest = digestOf(messages, {
      themes,
      earlier: [stillOpen(80, { gist }), stillOpen(60, { gist, state: 'claimed', by: 'U0ANA' })],
      before: {
        span: DAY_BEFORE,
        countByCategory: new Map([
          ...CATEGORIES.map((key): [string, number] => [key, 7]),
          ['bug', 4],
          ['praise', 9],
        ]),
      },
    });
    const { lines, characters } = measure(digest);
    expect(lines).toBeLessThanOrEqual(12);
    expect(characters).toBeLessThanOrEqual(900);
  });

  test('of 5,000 messages, with all that a summary may have', () => {
    const messages = Array.from({ length: 5000 }, (_, n) =>
      published(n, { ...mixed[n % 42], ts: tsOf(n), gist, sentiment: 'positive', flagged: n < 90 }),
    );
    const digest = digestOf(messages, {
      themes: [...themes, ...themes],
      earlier: [stillOpen(80, { gist })],
      earlierTotal: 40,
      settledTotal: 3,
      dead: [dead(10_001)],
      againTotal: 12,
      awaitedTotal: 7,
    });
    expect(measure(digest).lines).toBeLessThanOrEqual(16);
  });
});
