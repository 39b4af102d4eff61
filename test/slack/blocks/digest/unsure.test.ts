import { expect, test } from 'vitest';
import { createBlockCheck } from '../../../../sim/slack/block-kit/validate.ts';
import { unsureKey } from '../../../../src/core/delivery/effects.ts';
import { MOST_ASKED, type UnsureMessage } from '../../../../src/core/digest/unsure.ts';
import { renderDigest } from '../../../../src/slack/blocks/digest/digest.ts';
import { expectGolden } from '../golden.ts';
import { digestOf, HOSTILE, nowhere, renderContext, tsOf } from './digests.ts';

/** The post that asks which category is right. */

const unsureOf = (n: number, more: Partial<UnsureMessage> = {}): UnsureMessage => ({
  ts: tsOf(n),
  threadTs: null,
  gist: `What message ${n} says`,
  text: `Message ${n}`,
  category: 'bug',
  runnerUp: 'usability',
  answer: null,
  ...more,
});

function postOf(unsure: UnsureMessage[]) {
  const effects = [...renderDigest(7, digestOf([], { unsure }), renderContext, nowhere)];
  const effect = effects.find(({ key }) => key === unsureKey(7))?.effect;
  return effect?.kind === 'post' ? effect : undefined;
}

test('is none when all is sure', () => {
  expect(postOf([])).toBeUndefined();
});

test.each<[string, UnsureMessage[]]>([
  [
    'unsure',
    [
      unsureOf(1),
      unsureOf(2, { category: 'noise', runnerUp: null, threadTs: tsOf(1), gist: '' }),
      unsureOf(3, { answer: { category: 'usability', person: 'U0BOB' } }),
      unsureOf(4, { answer: { category: 'pricing', person: 'U0ANA' }, runnerUp: 'pricing' }),
    ],
  ],
  [
    'unsure-hostile',
    HOSTILE.slice(0, MOST_ASKED).map((words, n) => unsureOf(n + 1, { gist: words, text: words })),
  ],
])('%s', async (name, unsure) => {
  const post = postOf(unsure);
  const { blocks = [], text = '' } = post ?? {};
  createBlockCheck([]).message(blocks, text);
  expect(JSON.stringify(blocks).length).toBeLessThan(9000);
  await expectGolden(`digests/${name}`, post);
});
