/**
 * An FTS5 query for texts that contain some terms anywhere: the trigram tokenizer finds parts of
 * words.
 * @param terms three characters or more, the shortest that the index can find
 */
export function matchTerms(terms: string[], which: 'all' | 'any'): string {
  return terms
    .map((term) => `"${term.replaceAll('"', '""')}"`)
    .join(which === 'all' ? ' AND ' : ' OR ');
}
