import { describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../../../sim/slack/block-kit/validate.ts';
import type { Asked } from '../../../../src/core/digest/digest.ts';
import type { AskedMessage, Honesty } from '../../../../src/core/people/honesty.ts';
import { DEFAULT_TAXONOMY } from '../../../../src/core/runs/taxonomy.ts';
import { HONESTY, parseHonesty } from '../../../../src/slack/blocks/actions.ts';
import { renderDigest } from '../../../../src/slack/blocks/digest/digest.ts';
import { renderHonesty } from '../../../../src/slack/blocks/people/honesty.ts';
import { expectGolden, ODD_WORDS } from '../golden.ts';
import { honestyOf } from '../honesty.ts';
import { LARGEST } from '../people/cards.ts';
import { CHANNEL, digestOf, HOSTILE, nowhere, renderContext, tsOf } from './digests.ts';

/** What asks whether verdicts are right, and what says how often they are. */

const asked = (n: number, more: Partial<AskedMessage> = {}): AskedMessage => ({
  ts: tsOf(n),
  threadTs: null,
  text: `This is what message ${n} says.`,
  category: DEFAULT_TAXONOMY.categories[n % 6]?.key ?? '',
  over: null,
  people: [],
  last: 0,
  ...more,
});

const ten = Array.from({ length: 10 }, (_, n) => asked(n));
const askedOf = (messages: AskedMessage[], { categories } = DEFAULT_TAXONOMY): Asked => ({
  messages,
  categories,
});

const FEW = honestyOf({ bug: [30, 8, 7], praise: [12, 4, 4] });
const USUAL = honestyOf(
  {
    bug: [60, 21, 19],
    feature_request: [30, 14, 11],
    praise: [20, 10, 10],
    noise: [4, 5, 3],
    question: [2, 0, 0],
  },
  1,
  12,
  9,
);
const LONG = honestyOf(
  { bug: [600, 61, 55], feature_request: [300, 34, 26], praise: [200, 20, 20], noise: [5, 5, 3] },
  10,
);

function postsOf(messages: AskedMessage[], honesty: Honesty | null, taxonomy = DEFAULT_TAXONOMY) {
  const digest = digestOf([], { asked: askedOf(messages, taxonomy), honesty });
  const summary = { ...digest.summary, taxonomy };
  const effects = [...renderDigest(7, { ...digest, summary }, renderContext, nowhere)];
  return effects.flatMap(({ key, effect }) =>
    effect.kind === 'post' && /^(digest|figures|honesty)-/.test(key) ? [{ key, ...effect }] : [],
  );
}

function expectTaken(posts: ReturnType<typeof postsOf>, most = 9000) {
  for (const { blocks, text } of posts) {
    createBlockCheck([]).message(blocks, text);
    expect(JSON.stringify(blocks).length).toBeLessThan(most);
  }
}

describe('what people see in the summary', () => {
  test.each<[string, AskedMessage[], Honesty | null]>([
    ['honesty-first', ten, honestyOf({ bug: [12, 0, 0] })],
    [
      'honesty-few',
      [
        asked(0, { people: ['U0ANA'], last: 12 }),
        asked(1, { people: ['U0ANA', 'U0BOB', 'U0LONG', 'U0UNKNOWN', 'U0X'], last: 19 }),
        asked(2, { over: 'edited', people: ['U0BOB'], last: 13, threadTs: tsOf(1) }),
        asked(3, { over: 'deleted', text: '' }),
        asked(5, { text: '' }),
        asked(4, { category: 'gone' }),
      ],
      FEW,
    ],
    ['honesty', ten.slice(0, 2), USUAL],
    ['honesty-trend', ten.slice(0, 1), LONG],
    ['honesty-hostile', HOSTILE.map((words, n) => asked(n, { text: words })), USUAL],
  ])('%s', async (name, messages, honesty) => {
    const posts = postsOf(messages, honesty);
    expectTaken(posts);
    await expectGolden(`digests/${name}`, posts);
  });

  test('a question stays in its post, whatever people answer', () => {
    const places = (messages: AskedMessage[]) =>
      postsOf(messages, FEW).map(({ blocks }) =>
        [...JSON.stringify(blocks).matchAll(/about-\w+-(\d+\.\d+)/g)].map(([, ts]) => ts),
      );
    const before = places(ten);
    expect(before.filter(({ length }) => length > 0).length).toBeGreaterThan(1);
    const people = ['U0ANA', 'U0BOB', 'U0LONG', 'U0X'];
    expect(places(ten.map((one) => ({ ...one, people, last: 123_456 })))).toEqual(before);
  });

  test('with everything as long and as many as it can be it is taken', () => {
    const long = '"'.repeat(4000);
    const [{ key } = { key: '' }] = LARGEST.categories;
    const people = Array.from({ length: 30 }, () => 'U0LONG');
    const messages = ten.map((one) => ({ ...one, text: long, category: key, people, last: 1 }));
    const largest = honestyOf(
      Object.fromEntries(LARGEST.categories.map((one) => [one.key, [999_999, 50, 25]])),
      10,
    );
    const posts = postsOf(messages, largest, LARGEST);
    expectTaken(posts);
    expect(posts.length).toBeGreaterThan(5);
  });
});

test('nothing is said of how often it is right while too few are answered', () => {
  const said = JSON.stringify([
    ...postsOf(ten, FEW),
    renderHonesty(FEW, DEFAULT_TAXONOMY, renderContext),
  ]);
  expect(said).not.toMatch(/Right on|\d%/);
});

test('a summary without questions has the line, and no posts', () => {
  const digest = digestOf([], { honesty: USUAL });
  const effects = [...renderDigest(7, digest, renderContext, nowhere)];
  expect(effects.filter(({ key }) => /^(figures|honesty)/.test(key))).toEqual([]);
  const parent = JSON.stringify(effects[0]);
  expect(parent).toContain('Right on 39 of 50 (');
  const [, id = ''] = /"block_id":"(about-honesty[^"]*)"/.exec(parent) ?? [];
  expect(parseHonesty(id)).toEqual({ channel: CHANNEL, run: 7 });
  expect(parent).toContain(HONESTY.how);
});

describe('How is this counted?', () => {
  test.each<[string, Honesty | null]>([
    ['honesty', USUAL],
    ['honesty-trend', LONG],
    ['honesty-few', FEW],
    ['honesty-never-drawn', null],
  ])('%s', async (name, honesty) => {
    const view = renderHonesty(honesty, DEFAULT_TAXONOMY, renderContext);
    createBlockCheck([]).view(view, 'modal');
    await expectGolden(`modals/${name}`, view);
  });

  test.each(Object.entries(ODD_WORDS))('is taken with %s', (_, { words }) => {
    const [one, ...others] = DEFAULT_TAXONOMY.categories;
    if (!one) throw new Error('there are categories');
    const taxonomy = {
      ...DEFAULT_TAXONOMY,
      categories: [{ ...one, name: words.slice(0, 40) }, ...others],
    };
    createBlockCheck([]).view(renderHonesty(USUAL, taxonomy, renderContext), 'modal');
  });
});
