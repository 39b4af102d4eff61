/**
 * Finds similar texts by their words: the terms to ask the trigram index for, and whether a text
 * that it finds has enough in common.
 */

/** The beginning of a long message shows what it is about. */
const READ = 4000;

/** More would make the search slower and the result hardly better: see docs/decisions. */
const TERMS = 16;

/** `exporting` finds `export`. */
const TERM_LENGTH = 6;

/** These scripts do not separate words by spaces, or change their endings. */
const UNPARTED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/**
 * The terms of a text: the beginnings of its longest words; in scripts without spaces, every three
 * characters in a row. The index knows nothing shorter.
 */
export function listTerms(text: string): string[] {
  const words = text
    .slice(0, READ)
    .toLowerCase()
    .replace(/https?:\/\/\S+/g, ' ')
    .match(/[\p{L}\p{M}\p{N}]+/gu);
  const distinct = new Set((words ?? []).sort((one, other) => other.length - one.length));
  const terms = new Set<string>();
  for (const word of distinct) {
    if (terms.size >= TERMS) break;
    const signs = [...word];
    const [length, last] = UNPARTED.test(word) ? [3, signs.length - 3] : [TERM_LENGTH, 0];
    // A long run is covered to its end, not only at its beginning.
    const step = Math.max(1, Math.ceil(last / TERMS));
    for (let start = 0; start <= last; start += step) {
      const term = signs.slice(start, start + length);
      if (term.length >= 3) terms.add(term.join(''));
    }
  }
  return [...terms].slice(0, TERMS);
}

/** Whether a text has more of the terms in common than chance would give. */
export function haveMuchInCommon(terms: string[], text: string): boolean {
  return measureCommon(terms, text) >= Math.min(ENOUGH, weigh(terms) / 2);
}

/** How much of the terms a text has: 0 for nothing. */
export function measureCommon(terms: string[], text: string): number {
  const folded = text.toLowerCase();
  return weigh(terms.filter((term) => folded.includes(term)));
}

/** One common word of five letters, or two of four, is no accident. */
const ENOUGH = 8;

/** How much each term says: `the` says next to nothing. */
function weigh(terms: string[]): number {
  return terms.reduce((sum, term) => sum + (UNPARTED.test(term) ? 4 : (term.length - 2) ** 2), 0);
}
