import type { Range } from './span.ts';

/** Groups of digits, as people write long numbers: `+49 (0)89 636-48018`, `4111 1111 1111 1111`. */

export interface Chain extends Range {
  text: string;
  /** Where each group begins within the text, and how many digits it has. */
  groups: { at: number; length: number }[];
}

/** Up to three signs between two groups of one number. */
const CHAIN =
  /(?<![\p{Script=Latin}\p{Script=Cyrillic}\p{N}_])(?:\+\s?)?\(?\d+(?:[ \u00a0\u202f.()/\-‐‑–]{1,3}\d+)*(?![\p{Script=Latin}\p{Script=Cyrillic}\p{N}_])/gu;

const GROUP = /\d+/g;

/** The numbers of a text, long or short, in order. */
export function findChains(text: string): Chain[] {
  return [...text.matchAll(CHAIN)].map(({ 0: matched, index: start }) => ({
    start,
    end: start + matched.length,
    text: matched,
    groups: [...matched.matchAll(GROUP)].map(({ 0: { length }, index: at }) => ({ at, length })),
  }));
}

const SPACE = /[ \u00a0\u202f]/;

/**
 * All that up to `most` successive groups make, with this many digits; the longest first from each group
 * on. It begins and ends where the chain does or at a space, and a bracket before it belongs to it.
 */
export function* windowsOf(
  chain: Chain,
  most: number,
  [fewest, highest]: [number, number],
): Generator<Range & { text: string }> {
  const { groups, text, start } = chain;
  for (const [first, { at }] of groups.entries()) {
    const bracket = text[at - 1] === '(' ? 1 : 0;
    const begin = first === 0 ? 0 : at - bracket;
    if (first > 0 && !SPACE.test(text[begin - 1] ?? '')) continue;
    const ends: number[] = [];
    let digits = 0;
    for (const group of groups.slice(first, first + most)) {
      digits += group.length;
      const end = group.at + group.length;
      if (digits > highest) break;
      if (digits >= fewest && (end === text.length || SPACE.test(text[end] ?? ''))) ends.push(end);
    }
    for (const end of ends.reverse()) {
      yield { start: start + begin, end: start + end, text: text.slice(begin, end) };
    }
  }
}
