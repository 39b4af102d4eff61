import { expect, test } from 'vitest';
import { essenceOf } from '../../../src/core/intake/essence.ts';
import { findReporter } from '../../../src/core/intake/reporter.ts';
import { gatherWords } from '../../../src/core/intake/words.ts';

/** A post may consist of gaps: reading it must not keep the bot from everything else. */

const LENGTH = 40_000;
const gap = (sign: string, length = LENGTH) => sign.repeat(length);

const POST = { user: null, bot: 'B1', username: null, botName: null, sender: null };

test.each<[string, () => unknown]>([
  ['what counts in it', () => essenceOf(`Views: 1${gap(' ', 3_000)}x`)],
  ['what counts in it, with tabs', () => essenceOf(`Views: 1${gap(' \t')}x`)],
  ['who says it', () => findReporter({ ...POST, text: `-${gap(' ')}x` })],
  [
    'its words',
    () => gatherWords({ text: `a${gap('\n')}b`, attachments: [{ text: 'c' }] } as never),
  ],
])('%s is found at once', (_what, read) => {
  const begun = performance.now();
  read();
  expect(performance.now() - begun).toBeLessThan(1_500);
});

test('the length of a gap says nothing', () => {
  expect(essenceOf('It   crashes\t\there')).toBe(essenceOf('It crashes here'));
});
