/**
 * Finding texts that are similar to another, by their words: what the trigram index is asked for, and
 * whether what it finds has enough in common to count.
 */

/** What a long message is about shows early. */
const READ = 4000;

/** More make the search slower, and what it finds hardly better: docs/decisions. */
const TERMS = 16;

/** `exporting` is to find `export`. */
const TERM_LENGTH = 6;

/** In these, words are not parted by spaces, or have endings that would hide them. */
const UNPARTED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/**
 * What to look for: the longest words of a text, or rather their beginnings; of scripts without
 * spaces every three signs in a row. The index knows nothing shorter.
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
    // A long run is looked at all along, not only where it begins.
    const step = Math.max(1, Math.ceil(last / TERMS));
    for (let start = 0; start <= last; start += step) {
      const term = signs.slice(start, start + length);
      if (term.length >= 3) terms.add(term.join(''));
    }
  }
  return [...terms].slice(0, TERMS);
}

/** Whether a text that was found has more of the terms than chance would give it. */
export function haveMuchInCommon(terms: string[], text: string): boolean {
  const folded = text.toLowerCase();
  const common = terms.filter((term) => folded.includes(term));
  return weigh(common) >= Math.min(ENOUGH, weigh(terms) / 2);
}

/** To have one word of five letters in common, or two of four, is no accident. */
const ENOUGH = 8;

/** How much terms tell together: `the` next to nothing. */
function weigh(terms: string[]): number {
  return terms.reduce((sum, term) => sum + (UNPARTED.test(term) ? 4 : (term.length - 2) ** 2), 0);
}
