import type { ModalView } from '@slack/types';
import { describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../../sim/slack/block-kit/validate.ts';
import { DEFAULT_TAXONOMY } from '../../../src/core/runs/taxonomy.ts';
import { ACTIONS, parseTarget } from '../../../src/slack/blocks/actions.ts';
import { renderTriage, type TriageState } from '../../../src/slack/blocks/people/triage.ts';
import { renderWhy } from '../../../src/slack/blocks/people/why.ts';
import { HOSTILE, renderContext, tsOf } from './digest/digests.ts';
import { expectGolden, ODD_WORDS } from './golden.ts';
import { cardOf, explanationOf, LARGEST } from './people/cards.ts';

function expectTaken(view: ModalView) {
  expect(() => createBlockCheck([]).view(view, 'modal')).not.toThrow();
}

async function expectShown(name: string, view: ModalView) {
  expectTaken(view);
  await expectGolden(`modals/${name}`, view);
}

const examples = [
  { ts: tsOf(5), text: 'Login is <!here> &amp; gone', category: 'bug', also: 'praise' },
  { ts: tsOf(6), text: '', category: 'pricing', also: null },
];

const why = (more: Parameters<typeof explanationOf>[0], taxonomy = DEFAULT_TAXONOMY) =>
  renderWhy(explanationOf(more), taxonomy, renderContext);

describe('Why?', () => {
  test.each<[string, Parameters<typeof explanationOf>[0]]>([
    ['why-flagged', { examples }],
    ['why-noise', { category: 'noise', claudeCategory: 'noise', urgency: 'low', gist: '' }],
    ['why-edited', { edited: true, flaggedBy: 'U0BOB', threadTs: tsOf(0) }],
    ['why-corrected', { category: 'usability', person: 'U0ANA', urgency: 'medium' }],
    ['why-confirmed', { person: 'U0UNKNOWN' }],
    ['why-lost-category', { category: 'pricing', claudeCategory: 'pricing', urgency: 'low' }],
    [
      'why-two-categories',
      { also: 'usability', claudeCategory: 'usability', claudeAlso: 'bug', person: 'U0ANA' },
    ],
    ['why-by-a-person-alone', { person: 'U0ANA', claudeCategory: null, model: '' }],
  ])('%s', (name, more) => expectShown(name, why(more)));

  test.each(Object.entries(ODD_WORDS))('%s', (name, { name: nick, words }) => {
    const explanation = explanationOf({ text: words, gist: words, person: 'U0ANA' });
    const here = { ...renderContext, nameOf: () => nick };
    return expectShown(`why-${name}`, renderWhy(explanation, DEFAULT_TAXONOMY, here));
  });

  test('shows the words whole, up to what Claude is shown', () => {
    const words = Array.from({ length: 700 }, (_, n) => `word${n}`).join(' ');
    const shown = JSON.stringify(why({ text: words }));
    expect(words.length).toBeGreaterThan(5000);
    expect(shown.replaceAll('"},{"type":"text","text":"', '')).toContain(words);
    expect(JSON.stringify(why({ text: 'x'.repeat(40_000) }))).toContain('characters left out');
  });

  test.each(HOSTILE.map((words) => [words.slice(0, 30), words]))('is taken with %j', (_, words) => {
    const example = { ts: tsOf(1), text: words, category: words.slice(0, 32), also: null };
    expectTaken(why({ text: words, gist: words, examples: [example, example] }));
  });

  test('never cuts a text inside of a character, and keeps every piece short', () => {
    const view = why({ text: '👩🏽‍🚀'.repeat(1000) }) as { blocks: { elements?: unknown }[] };
    const pieces = [...JSON.stringify(view.blocks).matchAll(/"text":"((?:👩🏽‍🚀)+)"/gu)];
    expect(pieces.map(([, piece = '']) => piece.length).reduce((a, b) => a + b)).toBe(7000);
    for (const [, piece = ''] of pieces) expect(piece.length).toBeLessThanOrEqual(3000);
  });

  test('is taken with the largest taxonomy', () => {
    expectTaken(why({ category: LARGEST.categories[0]?.key ?? '', person: 'U0ANA' }, LARGEST));
  });
});

const triage = (state: TriageState, taxonomy = DEFAULT_TAXONOMY) =>
  renderTriage(state, taxonomy, renderContext);

interface Actions {
  block_id: string;
  elements: { action_id: string }[];
}

const actionsOf = (view: ModalView) =>
  view.blocks.find(({ type }) => type === 'actions') as unknown as Actions | undefined;

describe('Triage this message', () => {
  const message = cardOf();

  test.each<[string, TriageState]>([
    ['triage-flagged', { kind: 'judged', card: cardOf() }],
    ['triage-not-flagged', { kind: 'judged', card: cardOf({ state: 'withdrawn' }) }],
    ['triage-added', { kind: 'added', message }],
    ['triage-waiting', { kind: 'waiting', message, flaggedBy: null, correction: null }],
    ['triage-dead', { kind: 'dead', message, reason: 'Claude declined to answer' }],
    ['triage-refused', { kind: 'refused', why: 'not_watched' }],
  ])('%s', (name, state) => expectShown(name, triage(state)));

  test.each<[string, TriageState, (keyof typeof ACTIONS)[]]>([
    ['a flagged one', { kind: 'judged', card: cardOf() }, ['claim', 'resolve', 'dismiss', 'why']],
    [
      'one that nothing flags',
      { kind: 'judged', card: cardOf({ state: 'withdrawn' }) },
      ['flag', 'why'],
    ],
    ['one that waits', { kind: 'waiting', message, flaggedBy: null, correction: null }, ['flag']],
    ['one that is dead', { kind: 'dead', message, reason: 'no' }, ['flag']],
  ])('%s can be judged there', (_, state, controls) => {
    const actions = actionsOf(triage(state));
    expect(parseTarget(actions?.block_id ?? '')).toEqual({
      channel: message.channel,
      ts: message.ts,
    });
    expect(actions?.elements.map(({ action_id }) => action_id)).toEqual([
      ...controls.map((control) => ACTIONS[control]),
      ACTIONS.category,
    ]);
  });

  test.each(['own_post', 'not_member', 'not_watched', 'guest', 'outsider', 'deleted'] as const)(
    '%s is refused in words, without a button',
    (why) => {
      const view = triage({ kind: 'refused', why });
      expectTaken(view);
      expect(actionsOf(view)).toBeUndefined();
    },
  );

  test('a deleted message offers nothing', () => {
    const view = triage({ kind: 'judged', card: cardOf({ deleted: true, state: 'withdrawn' }) });
    expectTaken(view);
    expect(actionsOf(view)).toBeUndefined();
  });

  test.each(HOSTILE.map((words) => [words.slice(0, 30), words]))('is taken with %j', (_, words) => {
    const card = cardOf({ text: words, gist: words, author: null, authorName: words });
    expectTaken(triage({ kind: 'judged', card }, LARGEST));
    expectTaken(triage({ kind: 'dead', message: card, reason: words }, LARGEST));
  });
});
