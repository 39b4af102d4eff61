/**
 * A query of FTS5 for texts that contain some terms, each wherever it stands: the trigram tokenizer
 * finds parts of words.
 * @param terms each of three characters or more, the shortest that the index can find
 */
export function matchTerms(terms: string[], which: 'all' | 'any'): string {
  return terms
    .map((term) => `"${term.replaceAll('"', '""')}"`)
    .join(which === 'all' ? ' AND ' : ' OR ');
}
