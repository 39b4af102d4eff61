import { distance } from 'fastest-levenshtein';

/** Longer than any known word, with its typos. */
const LONGEST = 40;

/** Two typos; in a word of up to three letters, one. */
const maxTypos = (word: string) => Math.min(2, Math.ceil(word.length / 3));

/** Typos between two words. Two neighbouring letters in the wrong order are one typo. */
function countTypos(typed: string, word: string): number {
  const swapped = Array.from({ length: Math.max(0, typed.length - 1) }, (_, index) => {
    const [first = '', second = ''] = typed.slice(index, index + 2);
    return typed.slice(0, index) + second + first + typed.slice(index + 2);
  });
  return Math.min(distance(typed, word), ...swapped.map((each) => 1 + distance(each, word)));
}

/**
 * Guesses the known word that was meant: one that starts with the typed text or is spelled nearly
 * like it. An alias stands for its word; of two words that are as near, the one that is no alias wins.
 * @param known each word with its aliases
 */
export function findNearest(
  typed: string,
  known: Record<string, readonly string[]>,
): string | undefined {
  const word = typed.toLowerCase().slice(0, LONGEST);
  const words = Object.keys(known).map((key) => ({ key, spelling: key }));
  const aliases = Object.entries(known).flatMap(([key, also]) =>
    also.map((spelling) => ({ key, spelling })),
  );
  const spellings = [...words, ...aliases];
  const completed =
    word.length < 2 ? undefined : spellings.find(({ spelling }) => spelling.startsWith(word));
  if (completed) return completed.key;
  const [nearest] = spellings
    .map(({ key, spelling }) => ({ key, typos: countTypos(word, spelling) }))
    .toSorted((a, b) => a.typos - b.typos);
  return nearest && nearest.typos <= maxTypos(word) ? nearest.key : undefined;
}
