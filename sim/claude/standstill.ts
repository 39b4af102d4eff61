/** Times in which batches make no progress, because the service is overloaded. */
export interface Standstill {
  /** Ms since 1970. */
  from: number;
  /** Infinity while nobody knows when it ends. */
  until: number;
}

/** When work that begins at `start` and takes `ms` is done; Infinity when it never goes on. */
export function findEnd(start: number, ms: number, standstills: readonly Standstill[]): number {
  let end = start + ms;
  for (const { from, until } of mergeFrom(start, standstills)) {
    if (from >= end) break;
    end += until - from;
  }
  return end;
}

/** How much of the time between has been spent working, in ms. */
export function measureWork(
  start: number,
  end: number,
  standstills: readonly Standstill[],
): number {
  let worked = end - start;
  for (const { from, until } of mergeFrom(start, standstills)) {
    worked -= Math.max(0, Math.min(until, end) - from);
  }
  return worked;
}

/** What lies after `start`, in order and without overlaps. */
function mergeFrom(start: number, standstills: readonly Standstill[]): Standstill[] {
  const merged: Standstill[] = [];
  let reached = start;
  for (const { from, until } of standstills.toSorted((a, b) => a.from - b.from)) {
    const begin = Math.max(from, reached);
    if (until <= begin) continue;
    merged.push({ from: begin, until });
    reached = until;
  }
  return merged;
}
