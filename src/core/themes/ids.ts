/**
 * Takes ids from an answer of Claude's out of those that it was given. An id counts only where it is named
 * first.
 * @param free what was given and is not taken yet, by the id as Claude knows it; loses what is taken
 */
export function takeIds<T>(free: Map<string, T>, ids: string[]): { found: T[]; strays: number } {
  const found: T[] = [];
  let strays = 0;
  for (const raw of ids) {
    const id = raw.trim().toLowerCase();
    const given = free.get(id);
    if (given === undefined) {
      strays++;
      continue;
    }
    free.delete(id);
    found.push(given);
  }
  return { found, strays };
}
