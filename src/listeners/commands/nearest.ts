import { distance } from 'fastest-levenshtein';

/** Two typos; in a word of up to three letters, one. */
const maxTypos = (word: string) => Math.min(2, Math.ceil(word.length / 3));

/**
 * Guesses the known word that was meant: one that starts with the typed text or is spelled nearly
 * like it. An alias stands for its word.
 * @param known each word with its aliases
 */
export function findNearest(
  typed: string,
  known: Record<string, readonly string[]>,
): string | undefined {
  const word = typed.toLowerCase();
  const spellings = Object.entries(known).flatMap(([key, also]) =>
    [key, ...also].map((spelling) => ({ key, spelling })),
  );
  const completed =
    word.length < 2 ? [] : spellings.filter(({ spelling }) => spelling.startsWith(word));
  if (completed[0]) return completed[0].key;
  const [nearest] = spellings
    .map(({ key, spelling }) => ({ key, typos: distance(word, spelling) }))
    .toSorted((a, b) => a.typos - b.typos);
  return nearest && nearest.typos <= maxTypos(word) ? nearest.key : undefined;
}
