import type { HomeView, ModalView } from '@slack/types';
import { describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../../sim/slack/block-kit/validate.ts';
import type { HomeFacts } from '../../../src/core/home/facts.ts';
import { type HomeFilter, NO_FILTER } from '../../../src/core/home/filter.ts';
import type { SetUp } from '../../../src/core/home/set-up.ts';
import { parseChoice, SEVERAL_SHOWN } from '../../../src/core/home/several.ts';
import { DEFAULT_TAXONOMY } from '../../../src/core/runs/taxonomy.ts';
import { REFUSALS } from '../../../src/jobs/people/take-acts.ts';
import { renderHome } from '../../../src/slack/blocks/home/home.ts';
import {
  renderConfirmation,
  renderDismissing,
  renderOutcome,
  renderSeveral,
} from '../../../src/slack/blocks/home/several.ts';
import { renderCard } from '../../../src/slack/blocks/people/card.ts';
import { CHANNEL, HOSTILE, renderContext, START, tsOf } from './digest/digests.ts';
import { expectGolden, ODD_WORDS } from './golden.ts';
import { chartOf, homeOf, homeRun, runUnderWay } from './homes.ts';
import { honestyOf } from './honesty.ts';
import { cardOf, LARGEST } from './people/cards.ts';

/** As Slack takes it: at most 100 blocks and 250 kB. */
function expectTaken(view: HomeView) {
  createBlockCheck([]).view(view, 'home');
  expect(Buffer.byteLength(JSON.stringify(view))).toBeLessThan(250_000);
  return view;
}

function figuresOf() {
  const { figures } = honestyOf({ bug: [60, 50, 43], praise: [20, 14, 14] }, 8);
  if (!figures) throw new Error('enough are answered');
  return figures;
}

const CHANNELS = [CHANNEL, 'C0SECOND', 'C0THIRD'];

/** What a filter of five flags, of which one is claimed by somebody else, shows. */
function filteredTo(change: Partial<HomeFilter>): Partial<HomeFacts> {
  const filter = { ...NO_FILTER, ...change };
  const flags = change.whose === 'mine' ? [] : [0, 1, 2, 3].map((n) => cardOf({ ts: tsOf(n) }));
  return { filter, flags };
}

const nothing = {
  channels: [],
  runs: [],
  chart: null,
  next: [],
  monthUsd: 0,
  rehearsalsUsd: 0,
} satisfies Partial<HomeFacts>;

const setUpOf = (more: Partial<SetUp> = {}): SetUp => ({
  key: 'none',
  installedBy: 'U0ANA',
  maySetKey: true,
  summarySchedule: '0 9 * * 1-5',
  scheduleSettled: false,
  ...more,
});

/** What is still to be done in a hosted bot. */
const GUIDES: [string, HomeFacts][] = [
  ['guide-first', homeOf(0, { ...nothing, watching: false, setUp: setUpOf() })],
  ['guide-in-no-channel', homeOf(0, { ...nothing, setUp: setUpOf({ maySetKey: false }) })],
  ['guide-without-key', homeOf(0, { runs: [], chart: null, setUp: setUpOf() })],
  ['guide-may-not', homeOf(1, { setUp: setUpOf({ maySetKey: false, scheduleSettled: true }) })],
  ['guide-unnamed', homeOf(1, { setUp: setUpOf({ maySetKey: false, installedBy: 'U0NEW' }) })],
  ['guide-schedule', homeOf(0, { setUp: setUpOf({ key: 'own', summarySchedule: '0 9 1 * *' }) })],
  ['guide-shared', homeOf(0, { setUp: setUpOf({ key: 'shared', summarySchedule: '30 8 * * *' }) })],
  ['guide-done', homeOf(1, { setUp: setUpOf({ key: 'own', scheduleSettled: true }) })],
];

test.each([
  ['0 9 * * 1-5', 'Summaries come Monday to Friday at 09:00 (Europe/Paris).'],
  ['30 17 * * *', 'Summaries come every day at 17:30 (Europe/Paris).'],
  ['0 9 * * 1', 'Summaries come on Monday at 09:00 (Europe/Paris).'],
  ['0 9 * * 1,2', 'Summaries come on Monday and Tuesday at 09:00 (Europe/Paris).'],
  ['0 9 * * 1,3,0', 'Summaries come on Monday, Wednesday, and Sunday at 09:00 (Europe/Paris).'],
  ['0 9 1 * *', 'Summaries come by the cron pattern 0 9 1 * * (Europe/Paris).'],
])('the guide says when summaries come by %s', (summarySchedule, words) => {
  const home = homeOf(0, { setUp: setUpOf({ summarySchedule }) });
  expect(JSON.stringify(renderHome(home, DEFAULT_TAXONOMY, renderContext))).toContain(words);
});

test.each<[number, number, RegExp]>([
  [0, 17, /17 messages are not classified yet\./],
  [1, 1, /1 message is not classified yet\./],
  [0, 0, /Nothing has been classified yet\./],
  [1, 0, /All done\./],
])('after %d runs, with %d pending, nothing open', (runs, pending, words) => {
  const view = renderHome(
    homeOf(0, {
      runs: Array.from({ length: runs }, (_, n) => homeRun(n)),
      channels: [{ id: CHANNEL, name: null, pending, since: null }],
    }),
    DEFAULT_TAXONOMY,
    renderContext,
  );
  expect(JSON.stringify(view)).toMatch(words);
  expect(/All done/.test(JSON.stringify(view))).toBe(runs > 0 && pending === 0);
});

test('nothing is done while messages are being classified', () => {
  const view = renderHome(
    homeOf(0, {
      channels: [{ id: CHANNEL, name: null, pending: 0, since: null }],
      runs: [homeRun(0)],
      underWay: [runUnderWay(1)],
    }),
    DEFAULT_TAXONOMY,
    renderContext,
  );
  expect(JSON.stringify(view)).toContain('Messages are being classified.');
  expect(JSON.stringify(view)).not.toContain('All done');
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
    ['under-way', homeOf(1, { underWay: [runUnderWay(1)] })],
    [
      'several-channels',
      homeOf(3, {
        channels: CHANNELS.map((id) => ({ id, name: id.toLowerCase(), pending: 4, since: START })),
        underWay: [
          runUnderWay(1),
          runUnderWay(2, {
            channel: 'C0SECOND',
            stage: { kind: 'judging', judged: 0 },
            trouble: 'Anthropic rejects the API key',
            cause: 'key',
            digestTs: null,
          }),
        ],
        holds: [{ channel: 'C0THIRD', needs: 'post', emoji: '', reason: 'restricted_action' }],
        next: [
          { kind: 'summary', at: START + 20 * 3_600_000 },
          { kind: 'classify', at: START + 3_600_000 },
        ],
        budget: { usd: 5, leftUsd: 0 },
      }),
    ],
    ...GUIDES,
    ['mine-of-none', homeOf(4, filteredTo({ whose: 'mine' }))],
    ['unclaimed-bugs', homeOf(5, filteredTo({ whose: 'unclaimed', category: 'bug' }))],
    ['nothing-scheduled', homeOf(0, { next: [] })],
    ['honesty', homeOf(0, { honesty: [{ channel: CHANNEL, figures: figuresOf() }] })],
    [
      'honesty-of-several',
      homeOf(0, {
        channels: CHANNELS.map((id) => ({ id, name: id.toLowerCase(), pending: 0, since: START })),
        honesty: CHANNELS.map((channel) => ({ channel, figures: figuresOf() })),
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
        channels: [{ id: CHANNEL, name: null, pending: 0, since: null }],
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

test('a message has the same sign and says the same of its state as on its card', () => {
  for (const state of ['open', 'claimed'] as const) {
    const card = cardOf({ state, by: state === 'open' ? null : 'U0BOB' });
    const view = JSON.stringify(
      renderHome(homeOf(1, { flags: [card] }), DEFAULT_TAXONOMY, renderContext),
    );
    const [first, , third] = renderCard(card, DEFAULT_TAXONOMY, renderContext).blocks as {
      elements: { elements: object[] }[];
    }[];
    const sign = first?.elements[0]?.elements[0];
    const words = third?.elements[0]?.elements[0];
    expect(sign).toMatchObject({ type: 'emoji' });
    expect(words).toMatchObject({ type: 'text', style: { bold: true } });
    expect(view).toContain(JSON.stringify(sign));
    expect(view).toContain(JSON.stringify(words));
  }
});

describe('the modals that dismiss several', () => {
  const cards = (total: number, words = 'What it says') =>
    Array.from({ length: total }, (_, n) => cardOf({ ts: tsOf(n), gist: `${words} ${n}` }));
  const offered = (total: number, some = cards(total)) => ({ seen: 41, total, cards: some });
  const some = cards(25);
  const outcome = { dismissed: 0, waiting: 0, refusals: [], left: [] };
  const claimed = cardOf({ state: 'claimed', by: 'U0BOB' });
  const draw = (total: number, chosen = some.slice(0, 0)) =>
    renderSeveral(offered(total), { chosen, stamp: 's' }, DEFAULT_TAXONOMY, renderContext);
  const tell = (more: object) =>
    renderOutcome({ ...outcome, ...more }, REFUSALS, DEFAULT_TAXONOMY, renderContext);

  test.each<[string, ModalView]>([
    ['several-of-12', draw(12)],
    ['several-some-checked', draw(12, some.slice(0, 3))],
    ['several-of-none', draw(0)],
    ['several-confirm-one', renderConfirmation(41, some.slice(0, 1), renderContext)],
    ['several-confirm-25', renderConfirmation(41, some, renderContext)],
    ['several-dismissing', renderDismissing(25)],
    ['several-dismissed', tell({ dismissed: 25 })],
    ['several-left', tell({ dismissed: 1, left: [claimed] })],
    ['several-waiting', tell({ waiting: 3 })],
    ['several-refused', tell({ refusals: ['outside'] })],
  ])('%s', async (name, view) => {
    createBlockCheck([]).view(view, 'modal');
    await expectGolden(`modals/${name}`, view);
  });

  test('with everything as long and as many as it can be they are taken', () => {
    const long = '"'.repeat(40_000);
    const most = Array.from({ length: SEVERAL_SHOWN }, (_, n) =>
      cardOf({ channel: `C0${String(n).padStart(9, '0')}`, ts: tsOf(n), text: long, gist: long }),
    );
    const here = { ...renderContext, nameOf: () => long };
    const all = renderSeveral(
      offered(9_999, most),
      { chosen: most, stamp: 'mikl3xyz' },
      LARGEST,
      here,
    );
    createBlockCheck([]).view(all, 'modal');
    expect(Buffer.byteLength(JSON.stringify(all))).toBeLessThan(250_000);
    const confirmed = renderConfirmation(999_999_999, most, here);
    createBlockCheck([]).view(confirmed, 'modal');
    // As part of an acknowledgement.
    expect(Buffer.byteLength(JSON.stringify(confirmed))).toBeLessThan(15_000);
    expect(parseChoice(confirmed.private_metadata ?? '').messages).toHaveLength(SEVERAL_SHOWN);
  });
});

test('with everything as long and as many as it can be it is taken', () => {
  const honesty = LARGEST.categories.map((_, n) => ({
    channel: `C0${n}`,
    figures: figuresOf(),
  }));
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
    honesty,
    channels: Array.from({ length: 300 }, (_, n) => ({
      id: `C${n}`,
      name: long.slice(0, 80),
      pending: 99_999,
      since: START,
    })),
    chart: chartOf(perDay),
    setUp: setUpOf({ maySetKey: false, summarySchedule: long }),
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
