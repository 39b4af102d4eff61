import fc from 'fast-check';
import { cleanText, shorten } from '../../../src/core/text.ts';
import { HOSTILE } from './digest/digests.ts';

/** Whatever people and the model might write, as it is kept: what is read is cleaned first. */

const PIECES = [
  ...['<', '>', '!', 'here', '@', 'U0ANA', '|', 'https://evil.example', '&lt;', '&gt;', '&'],
  ...['*', '_', '~', '`', '"', '\\', ':', 'tada', ' ', '\n', '#', 'C1', '!channel', '😀'],
  ...['[', '](', ')', '^', '!date', 'Resolved by '],
];

const nasty = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join('')),
);

export const nastyText = nasty.map(cleanText);
export const nastyLine = (length: number) => nasty.map((raw) => shorten(cleanText(raw), length));
