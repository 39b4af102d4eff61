import type { HomeView } from '@slack/types';
import { describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../../sim/slack/block-kit/validate.ts';
import type { HomeFacts } from '../../../src/core/home.ts';
import { DEFAULT_TAXONOMY } from '../../../src/core/runs/taxonomy.ts';
import { renderHome } from '../../../src/slack/blocks/home/home.ts';
import { CHANNEL, HOSTILE, renderContext, START, tsOf } from './digest/digests.ts';
import { expectGolden, ODD_WORDS } from './golden.ts';
import { chartOf, homeOf, homeRun } from './homes.ts';
import { cardOf, LARGEST } from './people/cards.ts';

/** As Slack takes it: at most 100 blocks and 250 kB. */
function expectTaken(view: HomeView) {
  createBlockCheck([]).view(view, 'home');
  expect(Buffer.byteLength(JSON.stringify(view))).toBeLessThan(250_000);
  return view;
}

const nothing = {
  channels: [],
  runs: [],
  chart: null,
  next: [],
  monthUsd: 0,
} satisfies Partial<HomeFacts>;

test.each<[number, number, RegExp]>([
  [0, 17, /17 messages are not classified yet\./],
  [1, 1, /1 message is not classified yet\./],
  [0, 0, /Nothing has been classified yet\./],
  [1, 0, /All done\./],
])('after %d runs, with %d pending, nothing open', (runs, pending, words) => {
  const view = renderHome(
    homeOf(0, {
      runs: Array.from({ length: runs }, (_, n) => homeRun(n)),
      channels: [{ id: CHANNEL, pending, since: null }],
    }),
    DEFAULT_TAXONOMY,
    renderContext,
  );
  expect(JSON.stringify(view)).toMatch(words);
  expect(/All done/.test(JSON.stringify(view))).toBe(runs > 0 && pending === 0);
});

describe('what people see of their Home tab', () => {
  test.each<[string, HomeFacts, (string | null)?]>([
    ['no-channel', homeOf(0, { ...nothing, watching: false })],
    ['in-no-channel', homeOf(0, nothing)],
    ['before-the-first-run', homeOf(0, { runs: [], chart: null, monthUsd: 0 })],
    ['nothing-open', homeOf(0)],
    ['one-open', homeOf(1)],
    ['15-open', homeOf(15)],
    ['500-open', homeOf(500)],
    ['500-open-in-the-middle', homeOf(500, { page: 20 })],
    ['500-open-at-the-end', homeOf(500, { page: 41 })],
    ['guest', homeOf(15, { viewer: 'guest' })],
    [
      'just-done',
      homeOf(1, {
        justDone: [
          cardOf({ ts: tsOf(90), state: 'resolved', by: 'U0ANA', changedAt: START }),
          cardOf({ ts: tsOf(91), state: 'dismissed', by: 'U0ANA', gist: 'Not our bug' }),
        ],
      }),
    ],
    ['refused', homeOf(1), 'That message has been deleted: there is nothing left to do about it.'],
    [
      'odd-runs',
      homeOf(0, {
        runs: [
          homeRun(0, { endedAt: null, requestedBy: 'U0BOB' }),
          homeRun(1, { usd: null, messages: 5000 }),
          homeRun(2, { canceled: true, messages: 1, digestTs: null }),
        ],
        monthUsd: null,
        next: [],
        channels: [{ id: CHANNEL, pending: 0, since: null }],
      }),
    ],
    [
      'hostile',
      homeOf(HOSTILE.length, {
        flags: HOSTILE.slice(0, 12).map((words, n) =>
          cardOf({ ts: tsOf(n), text: words, gist: words, author: null, authorName: words }),
        ),
      }),
    ],
  ])('%s', async (name, facts, notice = null) => {
    const view = expectTaken(renderHome(facts, DEFAULT_TAXONOMY, renderContext, notice));
    await expectGolden(`homes/${name}`, view);
  });

  test.each(Object.entries(ODD_WORDS))('%s', async (name, { name: nick, words }) => {
    const card = cardOf({ text: words, gist: words, state: 'claimed', by: 'U0BOB' });
    const home = homeOf(1, { flags: [card], runs: [homeRun(0, { requestedBy: 'U0ANA' })] });
    const here = { ...renderContext, nameOf: () => nick };
    await expectGolden(`homes/${name}`, expectTaken(renderHome(home, DEFAULT_TAXONOMY, here)));
  });
});

test('with everything as long and as many as it can be it is taken', () => {
  const long = '"'.repeat(40_000);
  const [category] = LARGEST.categories;
  const longest = (n: number, state: 'claimed' | 'resolved') =>
    cardOf({
      ts: tsOf(n),
      text: long,
      gist: long,
      author: null,
      authorName: long,
      category: category?.key ?? '',
      person: 'U0ANA',
      flaggedBy: 'U0BOB',
      state,
      by: 'U0ANA',
    });
  const perDay = Object.fromEntries(LARGEST.categories.map(({ key }) => [key, Array(14).fill(99)]));
  const home = homeOf(500, {
    flags: Array.from({ length: 12 }, (_, n) => longest(n, 'claimed')),
    justDone: [20, 21, 22].map((n) => longest(n, 'resolved')),
    page: 7,
    channels: Array.from({ length: 300 }, (_, n) => ({
      id: `C${n}`,
      pending: 99_999,
      since: START,
    })),
    chart: chartOf(perDay),
  });
  const view = renderHome(
    home,
    LARGEST,
    { ...renderContext, nameOf: () => long },
    long.slice(0, 3000),
  );
  expectTaken(view);
  expect(JSON.stringify(view)).toContain('and 280 more');
});
