import { expect, test } from 'vitest';
import { essenceOf } from '../../../src/core/intake/essence.ts';
import { findReporter } from '../../../src/core/intake/reporter.ts';
import { gatherWords, wordedSchema } from '../../../src/core/intake/words.ts';

/** A post may consist of gaps: reading it must not keep the bot from everything else. */

/** Ten times what Slack allows: a pattern that tries each way to divide it is busy for minutes. */
const LENGTH = 400_000;
const gap = (sign: string) => sign.repeat(LENGTH);

const POST = { user: null, bot: 'B1', username: null, botName: null, sender: null };

test.each<[string, () => unknown]>([
  ['what counts in it', () => essenceOf(`Views: 1${gap(' ')}x`)],
  ['what counts in it, with tabs', () => essenceOf(`Views: 1${gap(' \t')}x`)],
  ['who says it', () => findReporter({ ...POST, text: `-${gap(' ')}x` })],
  [
    'its words',
    () => gatherWords(wordedSchema.parse({ text: `a${gap('\n')}b`, attachments: [{ text: 'c' }] })),
  ],
])('%s is found at once', (_what, read) => {
  const begun = performance.now();
  read();
  // As every wait of these tests: only what would never end takes that long.
  expect(performance.now() - begun).toBeLessThan(60_000);
});

test('the length of a gap says nothing', () => {
  expect(essenceOf('It   crashes\t\there')).toBe(essenceOf('It crashes here'));
});
