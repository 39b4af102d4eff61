import { shorten } from './text.ts';

/** Reads search terms and compares words in any script, ignoring case and accents. */

/** The form in which words are compared and indexed: `Café` is `cafe`, a Hangul syllable its letters. */
export function foldText(text: string): string {
  return text.toWellFormed().toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '');
}

/** Further terms would not narrow the search. */
const MAX_TERMS = 8;
const TERM_LENGTH = 80;

const QUOTED = /["“”„«»]([^"“”„«»]*)["“”„«»]|([^\s"“”„«»]+)/gu;
const EDGES = /^[\p{P}*]+|[\p{P}*]+$/gu;

/**
 * The folded terms that a message must contain. A quoted phrase is one term. Punctuation around a word
 * is dropped, unless the word is nothing else.
 */
export function parseTerms(typed: string): string[] {
  const terms = new Set<string>();
  for (const [, phrase, word = ''] of typed.matchAll(QUOTED)) {
    const wanted = phrase ?? (word.replace(EDGES, '') || word);
    const term = foldText(wanted).replace(/\s+/g, ' ').trim().slice(0, TERM_LENGTH).toWellFormed();
    if (term) terms.add(term);
  }
  return [...terms].slice(0, MAX_TERMS);
}

/** The index holds pieces of three characters, so it cannot find shorter terms. */
export const isIndexable = (term: string) => [...term].length >= 3;

/** How many characters of a text are searched: a message shows early what it is about. */
export const SEARCHED_LENGTH = 4_000;

const EXCERPT_LENGTH = 100;

/** The words around the first place where a text has one of the terms; undefined when it has none. */
export function findExcerpt(text: string, terms: string[]): string | undefined {
  const line = text.replace(/\s+/g, ' ').trim();
  const words = line.split(' ');
  // Compare word by word, because folding changes the length of a text.
  const found = words.findIndex((_, n) => {
    const rest = foldText(words.slice(n, n + 12).join(' '));
    const first = foldText(words[n] ?? '');
    return terms.some((term) => {
      const at = rest.indexOf(term);
      return at >= 0 && at < Math.max(1, first.length);
    });
  });
  if (found < 0) return undefined;
  const word = words[found] ?? '';
  if (word.length > EXCERPT_LENGTH) {
    // A script without spaces. Folding hardly changes its length.
    const folded = foldText(word);
    const [first = 0] = terms.flatMap((term) => indexIn(folded, term)).toSorted((a, b) => a - b);
    const at = Math.max(0, first - 30);
    return `${at > 0 ? '… ' : ''}${shorten(word.slice(at).toWellFormed(), EXCERPT_LENGTH)}`;
  }
  const from = Math.max(0, found - 4);
  return `${from > 0 ? '… ' : ''}${shorten(words.slice(from, from + 40).join(' '), EXCERPT_LENGTH)}`;
}

const indexIn = (text: string, term: string) => {
  const at = text.indexOf(term);
  return at < 0 ? [] : [at];
};
