import type { ModalView } from '@slack/types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../../../sim/slack/block-kit/validate.ts';
import { DEFAULT_TAXONOMY, type Taxonomy } from '../../../../src/core/runs/taxonomy.ts';
import { fillForm } from '../../../../src/core/settings/form.ts';
import {
  compareVerdicts,
  type Judged,
  SAMPLE_SIZE,
} from '../../../../src/core/settings/rehearsal.ts';
import {
  describeOverBudget,
  describeRehearsalOverBudget,
} from '../../../../src/slack/blocks/budget.ts';
import { renderMistakes } from '../../../../src/slack/blocks/settings/mistakes.ts';
import {
  REHEARSAL_ANSWERS,
  renderRehearsalDone,
  renderRehearsalOffer,
  renderRehearsalResult,
  type ShownOffer,
  type ShownResult,
} from '../../../../src/slack/blocks/settings/rehearsal.ts';
import { renderWords } from '../../../../src/slack/blocks/settings/saved.ts';
import { addRow } from '../../../../src/slack/blocks/settings/settings.ts';
import { CHANNEL, HOSTILE, renderContext, tsOf, WORKSPACE } from '../digest/digests.ts';
import { expectGolden, ODD_WORDS } from '../golden.ts';
import { nastyLine, nastyText } from '../nasty.ts';
import { LARGEST } from '../people/cards.ts';

/** What people see when they try settings. */

const check = createBlockCheck([]);

function expectTaken(view: ModalView) {
  expect(() => check.view(view, 'modal')).not.toThrow();
  expect(view.blocks.length).toBeLessThanOrEqual(100);
}

const offerOf = (more: Partial<ShownOffer> = {}) =>
  renderRehearsalOffer(
    {
      ...{ id: 3, messages: 40, corrected: 6, unknown: 0, usd: 0.0213, others: [] },
      ...{ model: 'claude-haiku-5-5', ...more },
    },
    renderContext,
  );

/** With pricing instead of praise, and another rule. */
const AFTER: Taxonomy = {
  categories: [
    ...DEFAULT_TAXONOMY.categories.filter(({ key }) => key !== 'praise'),
    { key: 'pricing', name: 'Pricing', emoji: 'moneybag', meaning: 'What it costs.' },
  ],
  flagged_when: [{ category: 'usability' }],
};
const TAXONOMIES = { before: DEFAULT_TAXONOMY, after: AFTER };

type Row = [before: string | null, after: string | null, people?: string, text?: string];

const judged = (category: string | null, urgency: Judged['urgency'] = 'low'): Judged | null =>
  category === null ? null : { category, urgency, sentiment: 'neutral' };

/** A result of messages with these categories. */
function resultOf(rows: Row[], more: Partial<ShownResult> = {}): ShownResult {
  const messages = rows.map(([before, after, people = null, text = ''], n) => ({
    ...{ channel: CHANNEL, ts: tsOf(n), threadTs: n === 0 ? tsOf(100) : null, people },
    text: text || `This is what message ${n} says.`,
    before: judged(before, n % 5 === 0 ? 'high' : 'low'),
    after: judged(after),
  }));
  const taxonomies = more.taxonomies ?? TAXONOMIES;
  return {
    ...{ id: 3, messages, taxonomies, usd: 0.0187, outdated: false },
    comparison: compareVerdicts(messages, taxonomies),
    ...more,
  };
}

const render = (result: ShownResult, context = renderContext) =>
  renderRehearsalResult(result, context);

const MIXED: Row[] = [
  ['bug', 'usability', 'usability', 'The settings are hard to find'],
  ['bug', 'usability', 'bug', 'It crashes <!here> when I save'],
  ['praise', 'pricing', 'praise', 'I love that it is cheap'],
  ['question', 'pricing', undefined, 'What does a seat cost?'],
  ['question', 'question', 'question'],
  ['bug', 'bug', 'bug'],
  ['bug', 'bug'],
  ['noise', null],
];

const MANY: Row[] = Array.from({ length: SAMPLE_SIZE }, (_, n) => [
  n % 2 ? 'bug' : 'feature_request',
  'usability',
]);

const FORM = addRow(
  fillForm({
    ...{ summarySchedule: '0 9 * * 1-5', classifySchedule: null, timeZone: 'Europe/Paris' },
    ...{ taxonomy: DEFAULT_TAXONOMY, remindAfterMs: null, closeTheLoop: false, asTheyCome: false },
  }),
);

const MISTAKES = renderMistakes(
  FORM,
  new Map([
    ['classifyCron', 'That time never comes.'],
    ['rules', 'Line 1: there is no category "<!here>".'],
    ['c-feature_request-emoji', 'By this reaction people claim a message: choose another.'],
    ['new1-name', 'Name the category, or clear its other fields.'],
  ]),
);

describe('what people see', () => {
  test.each<[string, ModalView]>([
    ['rehearsal-offer', offerOf()],
    [
      'rehearsal-offer-of-one',
      offerOf({ messages: 1, corrected: 0, unknown: 1, usd: null, others: ['U0ANA', 'U0BOB'] }),
    ],
    ['rehearsal-mistakes', MISTAKES],
    ['rehearsal-begun', renderWords(REHEARSAL_ANSWERS.begun)],
    ['rehearsal-result', render(resultOf(MIXED))],
    ['rehearsal-result-same', render(resultOf([['bug', 'bug']], { usd: null }))],
    ['rehearsal-result-many', render(resultOf(MANY))],
    [
      'rehearsal-result-outdated',
      render(resultOf(MIXED.slice(0, 2), { outdated: true, notice: 'Something went wrong.' })),
    ],
    ['rehearsal-result-none', render(resultOf([['bug', null]]))],
    ...Object.entries(ODD_WORDS).map(([name, { words }]): [string, ModalView] => [
      `rehearsal-${name}`,
      render(resultOf([['bug', 'usability', 'bug', words]])),
    ]),
  ])('%s', async (name, view) => {
    expectTaken(view);
    await expectGolden(`modals/${name}`, view);
  });

  test('that it is done', async () => {
    await expectGolden('words/rehearsal-done', renderRehearsalDone(3));
  });

  test('why the budget does not allow it', () => {
    const wanted = { usd: 0.05, model: 'claude-haiku-5-5' };
    const budget = { usd: 1, committedUsd: 0.99 };
    const said = describeRehearsalOverBudget(budget, wanted, null);
    const ofRun = describeOverBudget(budget, { ...wanted, messages: '3 messages' }, null);
    expect(said).toContain('$0.0100 of it is left. Trying your changes costs at most about $0.05');
    expect(ofRun).toContain('$0.0100 of it is left. Classifying 3 messages costs at most about');
    expect(said).not.toContain('next month');
  });
});

test('nothing is called better or worse that people could not have said', () => {
  const shown = JSON.stringify(render(resultOf(MIXED)).blocks);
  expect(shown).toContain('(people say Usability, better)');
  expect(shown).toContain('(people say Bug, worse)');
  expect(shown).toContain('(people say Praise)');
});

test('the longest result is taken, and says how many it leaves out', () => {
  const view = render(resultOf(MANY, { notice: 'x'.repeat(300), outdated: true }));
  expectTaken(view);
  expect(JSON.stringify(view)).toContain('And 15 more.');
  expect(JSON.stringify(view)).toContain('And 22 more.');
});

const category = fc.constantFrom('bug', 'usability', 'pricing', 'no_longer_there', null);
const rows = fc.array(
  fc.tuple(category, category, fc.constantFrom('bug', 'pricing', undefined), nastyText),
  { maxLength: SAMPLE_SIZE },
);

test('whatever people write is taken and harmless', () => {
  fc.assert(
    fc.property(rows, nastyLine(40), nastyLine(300), (all, name, why) => {
      const context = { ...renderContext, nameOf: () => name };
      const [first, ...others] = AFTER.categories;
      const after = { ...AFTER, categories: [{ ...first, name } as (typeof others)[0], ...others] };
      const result = resultOf(all as Row[], {
        taxonomies: { before: DEFAULT_TAXONOMY, after: after as Taxonomy },
      });
      for (const view of [
        render(result, context),
        renderRehearsalOffer(
          {
            ...{ id: 3, messages: 40, corrected: 6, unknown: 2, usd: 0.02 },
            ...{ others: ['U0ANA'], model: name },
          },
          context,
        ),
        renderMistakes(FORM, new Map([['rules', why]])),
      ]) {
        expectTaken(view);
        expect(JSON.stringify(view)).not.toContain('"mrkdwn"');
        const urls = [...JSON.stringify(view.blocks).matchAll(/"url":"([^"]*)"/g)];
        for (const [, url] of urls) expect(url).toMatch(`${WORKSPACE}archives/`);
      }
    }),
  );
});

test.each(HOSTILE.map((words) => [words.slice(0, 30), words]))('is taken with %j', (_, words) => {
  const keys = LARGEST.categories.map(({ key }) => key);
  const all = Array.from(
    { length: SAMPLE_SIZE },
    (_, n): Row => [keys[n % 20] ?? null, keys[(n + 1) % 20] ?? null, keys[n % 20], words],
  );
  expectTaken(render(resultOf(all, { taxonomies: { before: LARGEST, after: LARGEST } })));
});
