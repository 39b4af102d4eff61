import type { ModalView } from '@slack/types';
import { expect, test } from 'vitest';
import { createBlockCheck } from '../../../../sim/slack/block-kit/validate.ts';
import {
  describeKeySetters,
  KEY_ANSWERS,
  KEY_PROBLEMS,
  KEY_REFUSALS,
  renderKey,
  renderKeyWords,
} from '../../../../src/slack/blocks/settings/key.ts';
import { renderContext } from '../digest/digests.ts';
import { expectGolden, ODD_WORDS } from '../golden.ts';

/** The modal in which the API key of a hosted bot is set. */

const facts = { isSet: false, thousandUsd: 0.2579, model: 'claude-haiku-5-5' };

test.each<[string, ModalView]>([
  ['key-first', renderKey(facts)],
  ['key-change', renderKey({ ...facts, isSet: true })],
  ['key-without-price', renderKey({ ...facts, thousandUsd: null })],
  ['key-again', renderKey({ ...facts, notice: KEY_PROBLEMS.unclear('Claude answered 529') })],
  ['key-checking', renderKeyWords(KEY_ANSWERS.checking)],
  ['key-set', renderKeyWords(KEY_ANSWERS.set)],
  ['key-removed', renderKeyWords(KEY_ANSWERS.removed)],
  ['key-guest', renderKeyWords(KEY_REFUSALS.guest)],
  ['key-no-admin', renderKeyWords(describeKeySetters({ installedBy: 'U0ANA' }, renderContext))],
  ['key-unnamed', renderKeyWords(describeKeySetters({ installedBy: 'U0NEW' }, renderContext))],
  ...Object.entries(ODD_WORDS).map(([name, { name: nick }]): [string, ModalView] => [
    `key-${name}`,
    renderKeyWords(
      describeKeySetters({ installedBy: 'U0ANA' }, { ...renderContext, nameOf: () => nick }),
    ),
  ]),
])('%s', async (name, view) => {
  createBlockCheck([]).view(view, 'modal');
  await expectGolden(`modals/${name}`, view);
});

test('it remembers nothing, and fills nothing in', () => {
  const view = renderKey({ ...facts, isSet: true });
  expect(view.private_metadata).toBeUndefined();
  expect(JSON.stringify(view)).not.toContain('initial_value');
});

test('a reason of any length is said beside the input', () => {
  const said = KEY_PROBLEMS.refused('no '.repeat(5_000));
  expect(said.length).toBeLessThan(500);
  expect(said).toMatch(/… Nothing was stored\.$/);
});
