import { shorten, toPlainText } from '../text.ts';
import { GIST_LENGTH } from './verdict.ts';

/** A gist says its message in other words, but not without any of its words: then it is about something else. */

const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/** A message of fewer letters, such as "same here", may mean what its thread says. */
const FEW_LETTERS = 20;

const readPlain = (text: string) =>
  toPlainText(text, () => undefined)
    .replace(/\s+/g, ' ')
    .trim();

const isShort = (plain: string) => (plain.match(/\p{L}/gu) ?? []).length < FEW_LETTERS;

/** Whether the gist of a message may come from its thread. @param text Slack's */
export const hasFewWords = (text: string): boolean => isShort(readPlain(text));

/** Words are the same when they begin alike: crash and crashes, synchronisieren and Synchronisation. */
const STEM = 4;

/** No more of a long message is compared. */
const COMPARED = 8_000;

const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** The beginnings of the words that could be found by chance only if they were short. */
const stemsOf = (gist: string): string[] =>
  [...segmenter.segment(fold(gist))].flatMap(({ segment, isWordLike }) =>
    isWordLike && !/^[\p{Script=Latin}\d]{1,2}$/u.test(segment)
      ? [...segment].slice(0, STEM).join('')
      : [],
  );

/**
 * Replaces a gist that shares no word with its message by the beginning of the message.
 * @param text Slack's: escaped, with its tokens
 */
export function checkGist(gist: string, text: string): string {
  const plain = readPlain(text);
  if (isShort(plain)) return gist;
  const said = fold(plain.slice(0, COMPARED));
  const stems = stemsOf(gist);
  return stems.length === 0 || stems.some((stem) => said.includes(stem))
    ? gist
    : shorten(plain, GIST_LENGTH);
}
