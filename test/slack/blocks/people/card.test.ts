import { describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../../../sim/slack/block-kit/validate.ts';
import type { CardFacts } from '../../../../src/core/people/card.ts';
import { DEFAULT_TAXONOMY } from '../../../../src/core/runs/taxonomy.ts';
import { ACTIONS, formatTarget } from '../../../../src/slack/blocks/actions.ts';
import {
  CATEGORY_BLOCK,
  renderCard,
  stateBlock,
  TAKEN_BACK_BLOCK,
} from '../../../../src/slack/blocks/people/card.ts';
import type { RenderContext } from '../../../../src/slack/blocks/render-context.ts';
import { HOSTILE, renderContext, START, tsOf } from '../digest/digests.ts';
import { expectGolden, ODD_WORDS } from '../golden.ts';
import { cardOf, LARGEST } from './cards.ts';

const LATER = START + 25 * 60_000;

/** As Slack takes it. */
function render(card: CardFacts, taxonomy = DEFAULT_TAXONOMY, here: RenderContext = renderContext) {
  const rendered = renderCard(card, taxonomy, here);
  createBlockCheck([]).message(rendered.blocks, rendered.text);
  expect(JSON.stringify(rendered.blocks).length).toBeLessThan(9000);
  return rendered;
}

interface Shown {
  block_id: string;
  elements: { action_id: string; style?: string; options?: { value: string }[] }[];
}

const blocksOf = (card: CardFacts) => render(card).blocks as Shown[];

const claimed = cardOf({ state: 'claimed', by: 'U0BOB', changedAt: LATER });
const resolved = cardOf({ state: 'resolved', by: 'U0ANA', changedAt: LATER });
const dismissed = cardOf({ state: 'dismissed', by: 'U0UNKNOWN', changedAt: LATER });
const withdrawn = cardOf({ state: 'withdrawn', urgency: 'low' });

describe('what people see of a card', () => {
  test.each<[string, CardFacts]>([
    ['open', cardOf()],
    ['claimed', claimed],
    ['resolved', resolved],
    ['dismissed', dismissed],
    ['withdrawn', withdrawn],
    ['deleted', cardOf({ state: 'withdrawn', deleted: true })],
    ['resolved-and-deleted', { ...resolved, deleted: true }],
    ['corrected', cardOf({ category: 'usability', person: 'U0ANA', urgency: 'medium' })],
    ['two-categories', cardOf({ also: 'feature_request' })],
    ['rescued', cardOf({ category: 'noise', urgency: 'low', gist: '', flaggedBy: 'U0BOB' })],
    ['earlier-rule', cardOf({ category: 'pricing', urgency: 'low', threadTs: tsOf(0) })],
    ['taken-back', cardOf({ takenBack: { kind: 'resolve', by: 'U0BOB', at: LATER } })],
    ['posted-again', cardOf({ copies: [tsOf(7), tsOf(8)] })],
    ['dismissed-known', { ...dismissed, why: { reason: 'known', original: null } }],
    [
      'dismissed-duplicate',
      {
        ...dismissed,
        why: {
          reason: 'duplicate',
          original: { ts: tsOf(7), threadTs: tsOf(5), gist: 'Export <!here> fails each Friday' },
        },
      },
    ],
    ['departed', cardOf({ takenBack: { kind: 'claim', by: 'U0BOB', at: LATER, departed: true } })],
  ])('%s', async (name, card) => {
    await expectGolden(`cards/${name}`, render(card));
  });

  test.each(Object.entries(ODD_WORDS))('%s', async (name, { name: nick, words }) => {
    const card = cardOf({ text: words, gist: words, state: 'claimed', by: 'U0BOB' });
    const here = { ...renderContext, nameOf: () => nick };
    await expectGolden(`cards/${name}`, render(card, DEFAULT_TAXONOMY, here));
  });

  test.each<[CardFacts, string]>([
    [cardOf(), 'Needs attention: The export fails on Fridays (Bug)'],
    [claimed, 'Claimed by Bob &lt;!here&gt;: The export fails on Fridays (Bug)'],
    [resolved, 'Resolved by Ana Gomez: The export fails on Fridays (Bug)'],
    [dismissed, 'Not an issue, says a teammate: The export fails on Fridays (Bug)'],
    [withdrawn, 'No longer flagged: The export fails on Fridays (Bug)'],
    [cardOf({ state: 'withdrawn', deleted: true }), 'The message was deleted (Bug)'],
  ])('%#: its first words say how it stands', (card, words) => {
    expect(render(card).text).toBe(words);
  });

  test.each([
    ['claim', '“claimed”'],
    ['resolve', '“resolved”'],
    ['dismiss', '“not an issue”'],
    ['correct', 'the category'],
    ['confirm', 'the confirmation'],
    ['flag', 'the flag'],
  ] as const)('taking back %s is said as such', (kind, words) => {
    const card = cardOf({ takenBack: { kind, by: 'U0ANA', at: LATER } });
    expect(JSON.stringify(render(card))).toContain(`Ana Gomez took back ${words} · `);
  });
});

test('a claimed card has the sign of a claim, as on Home', () => {
  const signOf = (card: CardFacts) =>
    /"type":"emoji","name":"([^"]+)"/.exec(JSON.stringify(blocksOf(card)[0]))?.[1];
  expect(signOf(claimed)).toBe(renderContext.emoji.claim);
  expect(signOf(cardOf())).toBe(renderContext.emoji.flag);
});

describe('what can be done on a card', () => {
  test.each<[string, CardFacts, string[], string[]]>([
    ['open', cardOf(), ['claim', 'resolve'], ['dismiss', 'category', 'why']],
    ['claimed', claimed, ['resolve'], ['dismiss', 'undo', 'category', 'why']],
    ['resolved', resolved, [], ['undo', 'category', 'why']],
    ['dismissed', dismissed, [], ['undo', 'category', 'why']],
    ['withdrawn', withdrawn, [], ['category', 'why']],
  ])('%s: buttons, and a menu with all else', (_, card, buttons, menu) => {
    const { block_id, elements = [] } = blocksOf(card).at(-1) ?? {};
    const idOf = (control: string) => ACTIONS[control as keyof typeof ACTIONS];
    expect(block_id).toBe(formatTarget(card.channel, card.ts));
    expect(elements.map(({ action_id }) => action_id)).toEqual([
      ...buttons.map(idOf),
      ...(card.state === 'dismissed' ? [ACTIONS.reason] : []),
      ACTIONS.more,
    ]);
    expect(elements.at(-1)?.options?.map(({ value }) => value)).toEqual(menu.map(idOf));
    const highlighted = elements.filter(({ style }) => style === 'primary');
    expect(highlighted.map(({ action_id }) => action_id)).toEqual(buttons.slice(0, 1).map(idOf));
  });

  test('what the gist says word for word is not quoted as well', () => {
    const says = (gist: string, body: string) =>
      JSON.stringify(render(cardOf({ gist, text: body })).blocks).match(/Export fails/gi)?.length;
    expect(says('Export fails', 'export fails!')).toBe(1);
    expect(says('Export fails', 'Export fails, and I lost a report')).toBe(2);
    expect(says('', 'Export fails')).toBe(1);
    const long = `Export fails. ${'And on. '.repeat(60)}`;
    expect(says('', long)).toBe(1);
  });

  test('nothing can be done with a deleted message, and its words are gone', () => {
    const shown = render(cardOf({ deleted: true, state: 'withdrawn' }));
    expect(JSON.stringify(shown)).not.toMatch(/action_id|export|archives/);
  });
});

describe('what a card says can be read from the ids of its blocks', () => {
  const idsOf = (card: CardFacts) => blocksOf(card).map(({ block_id }) => block_id);

  test.each([cardOf(), claimed, resolved, dismissed, withdrawn])('$state', (card) => {
    const states = idsOf(card).filter((id) => id.startsWith('state-'));
    expect(states).toEqual([stateBlock(card.state)]);
  });

  test('whose the category is, and that something was taken back', () => {
    expect(idsOf(cardOf())).toContain(CATEGORY_BLOCK.claude);
    expect(idsOf(cardOf({ person: 'U0ANA' }))).toContain(CATEGORY_BLOCK.person);
    const confirmed = cardOf({ person: 'U0ANA', confirmed: true });
    expect(idsOf(confirmed)).toContain(CATEGORY_BLOCK.confirmed);
    expect(idsOf(cardOf())).not.toContain(TAKEN_BACK_BLOCK);
    const takenBack = { kind: 'claim', by: 'U0ANA', at: LATER } as const;
    expect(idsOf(cardOf({ takenBack }))).toContain(TAKEN_BACK_BLOCK);
  });
});

describe('a card is taken by Slack', () => {
  test.each(HOSTILE.map((words) => [words.slice(0, 30), words]))('with %j', (_, words) => {
    render(cardOf({ text: words, gist: words, authorName: words, author: null }));
  });

  test('with everything as long as it can be', () => {
    const long = '"'.repeat(40_000);
    const [category] = LARGEST.categories;
    render(
      cardOf({
        text: long,
        gist: long,
        author: null,
        authorName: long,
        category: category?.key ?? '',
        person: 'U0ANA',
        flaggedBy: 'U0BOB',
        state: 'claimed',
        by: 'U0ANA',
        takenBack: { kind: 'dismiss', by: 'U0ANA', at: LATER },
      }),
      LARGEST,
      { ...renderContext, nameOf: () => long },
    );
  });
});
