import { distance } from 'fastest-levenshtein';

/** Two slips of the finger; in a short word one. */
const slipsIn = (word: string) => Math.min(2, Math.ceil(word.length / 3));

/**
 * The word that was probably meant: begun or written nearly like that, or said in another word.
 * @param known each word with what people try instead of it
 */
export function findNearest(
  typed: string,
  known: Record<string, readonly string[]>,
): string | undefined {
  const word = typed.toLowerCase();
  const spellings = Object.entries(known).flatMap(([key, also]) =>
    [key, ...also].map((spelling) => ({ key, spelling })),
  );
  const begun =
    word.length < 2 ? [] : spellings.filter(({ spelling }) => spelling.startsWith(word));
  if (begun[0]) return begun[0].key;
  const [nearest] = spellings
    .map(({ key, spelling }) => ({ key, slips: distance(word, spelling) }))
    .toSorted((a, b) => a.slips - b.slips);
  return nearest && nearest.slips <= slipsIn(word) ? nearest.key : undefined;
}
