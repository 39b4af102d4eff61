import type { ModalView } from '@slack/types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../../../sim/slack/block-kit/validate.ts';
import { DEFAULT_TAXONOMY } from '../../../../src/core/runs/taxonomy.ts';
import { fillForm } from '../../../../src/core/settings/form.ts';
import {
  renderRejudgeOffer,
  renderSaved,
  renderWords,
  SETTINGS_REFUSALS,
} from '../../../../src/slack/blocks/settings/saved.ts';
import {
  addRow,
  parseBlockId,
  renderSettings,
  type ShownSettings,
} from '../../../../src/slack/blocks/settings/settings.ts';
import { renderContext } from '../digest/digests.ts';
import { nastyLine, nastyText } from '../nasty.ts';
import { LARGEST } from '../people/cards.ts';

/** 2024-11-22T10:40:00Z */
const AT = 1_732_272_000_000;

const FORM = fillForm({
  summarySchedule: '0 9 * * 1-5',
  classifySchedule: null,
  timeZone: 'Europe/Paris',
  taxonomy: DEFAULT_TAXONOMY,
  remindAfterMs: 48 * 3_600_000,
  closeTheLoop: false,
  asTheyCome: false,
});

const shown = (more: Partial<ShownSettings> = {}): ShownSettings => ({
  form: FORM,
  change: null,
  saved: false,
  theirZone: 'Europe/Berlin',
  prices: { batch: 0.21, express: 0.4437 },
  goneEmoji: [],
  ...more,
});

function expectTaken(view: ModalView) {
  expect(() => createBlockCheck([]).view(view, 'modal')).not.toThrow();
  // Slack's limit of a view, November 2026.
  expect(JSON.stringify(view).length).toBeLessThan(250_000);
}

const HOSTED = { ...renderContext, hosted: { key: 'own' as const } };

const offer = {
  change: 3,
  saved: true,
  days: 7,
  messages: 312,
  usd: 0.0213,
  model: 'claude-haiku-5-5',
};
const saved = { id: 3, changedBy: 'U0ANA', changedAt: AT };

describe('the modals of the settings', () => {
  test.each<[string, ModalView]>([
    ['settings-of-the-environment', renderSettings(shown(), renderContext)],
    [
      'settings-saved-in-slack',
      renderSettings(
        shown({
          change: saved,
          saved: true,
          tried: 3,
          notice: 'Somebody has changed the settings.',
          form: {
            ...addRow(FORM),
            days: [],
            time: null,
            summaryCron: '0 9 1 * *',
            classifyEvery: '6',
            rules: '',
            remindHours: '0',
            closeTheLoop: true,
            asTheyCome: false,
          },
        }),
        renderContext,
      ),
    ],
    ['settings-of-a-hosted-bot', renderSettings(shown({ change: saved, saved: true }), HOSTED)],
    ['settings-gone-emoji', renderSettings(shown({ goneEmoji: ['shipit'] }), renderContext)],
    ['settings-done', renderSaved({ summary: AT, classify: AT + 3_600_000 }, 'Europe/Paris')],
    ['settings-judge-again', renderRejudgeOffer(offer)],
    ['settings-refused', renderWords(SETTINGS_REFUSALS.guest)],
  ])('%s', async (name, view) => {
    expectTaken(view);
    const json = `${JSON.stringify(view, null, 2)}\n`;
    await expect(json).toMatchFileSnapshot(`../../../fixtures/modals/${name}.json`);
  });

  test('a price that is not known is said to be so, and one message is one', () => {
    const view = JSON.stringify(renderRejudgeOffer({ ...offer, messages: 1, usd: null }));
    expect(view).toContain('at a price that is not known for claude-haiku-5-5');
    expect(view).toContain('Reclassify the message of the last 7 days');
  });

  test('no more than twenty rows, however often one is added', () => {
    let form = FORM;
    for (let n = 0; n < 30; n++) form = addRow(form);
    expect(form.categories).toHaveLength(20);
    expect(new Set(form.categories.map(({ row }) => row)).size).toBe(20);
    const view = renderSettings(shown({ form }), renderContext);
    expectTaken(view);
    expect(JSON.stringify(view)).not.toContain('Add a category');
  });

  test('the largest taxonomy fits', () => {
    const settings = {
      summarySchedule: '0 9 * * *',
      classifySchedule: null,
      timeZone: 'UTC',
      taxonomy: LARGEST,
      remindAfterMs: null,
      closeTheLoop: true,
      asTheyCome: false,
    };
    const form = fillForm(settings);
    const view = renderSettings(
      shown({ form, change: saved, saved: true, notice: 'x' }),
      renderContext,
    );
    expectTaken(view);
    expect(view.blocks.length).toBeLessThanOrEqual(100);
  });

  test('whatever people type stands in inputs, and nowhere as markup', () => {
    fc.assert(
      fc.property(nastyText, nastyLine(80), (text, name) => {
        const row = {
          row: 'c-bug',
          name: text.slice(0, 40),
          emoji: text.slice(0, 90),
          meaning: text,
        };
        const form = {
          ...FORM,
          summaryCron: text.slice(0, 3000),
          rules: text.slice(0, 3000),
          categories: [{ ...row, meaning: text.slice(0, 400) }],
        };
        const nameOf = () => name;
        const view = renderSettings(shown({ form, change: saved, saved: true }), {
          ...renderContext,
          nameOf,
        });
        expectTaken(view);
        expect(JSON.stringify(view)).not.toContain('"mrkdwn"');
      }),
    );
  });
});

test.each([
  ['s0-days', { change: 0, field: 'days' }],
  ['s12-c-feature_request-name', { change: 12, field: 'c-feature_request-name' }],
  ['s3-new12-meaning', { change: 3, field: 'new12-meaning' }],
  ['about-C1-1700000000.000000', undefined],
  ['s1-c-Bad Key-name', undefined],
  ['settings-add', undefined],
])('the block %s', (id, parsed) => {
  expect(parseBlockId(id)).toEqual(parsed);
});
