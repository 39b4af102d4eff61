import { setImmediate as nextTick } from 'node:timers/promises';
import type { Db, Tx } from '../store/db/tables.ts';

/**
 * Everything in the process shares one thread and one connection to the database. A job with much
 * to do works in slices: after 10 ms, others have their turn. Time decides, not a number of rows,
 * so a slow machine answers as promptly as a fast one. The job looks at the time after each unit of
 * work, so a unit has to be small: a few rows.
 */
const SLICE_MS = 10;

/**
 * Others can compute between the slices of a transaction, and use the database after it. A shorter
 * transaction would spend more time on syncing the disk, which each commit does, than on its work.
 */
const TRANSACTION_MS = 30;

/** ms since any moment; setting the system's clock does not change it. */
export type Stopwatch = () => number;

const systemStopwatch: Stopwatch = () => performance.now();

/**
 * For work outside of a transaction, or within one that has to be whole.
 * @returns to be awaited after each unit of work: lets others have their turn when a slice is over
 */
export function createPause(stopwatch: Stopwatch = systemStopwatch): () => Promise<void> {
  let began = stopwatch();
  return async () => {
    if (stopwatch() - began < SLICE_MS) return;
    await nextTick();
    began = stopwatch();
  };
}

/**
 * Does units of work in one transaction, for a short time.
 * @param unit returns false when nothing is left to do
 * @returns whether something may be left to do
 */
export function commitSome(
  db: Db,
  unit: (tx: Tx) => Promise<boolean>,
  stopwatch: Stopwatch = systemStopwatch,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    // Not earlier: this may have waited for another transaction.
    const began = stopwatch();
    const pause = createPause(stopwatch);
    do {
      if (!(await unit(tx))) return false;
      await pause();
    } while (stopwatch() - began < TRANSACTION_MS);
    return true;
  });
}

/**
 * Does units of work until nothing is left to do, in short transactions. Others have their turn after
 * each, also after the last one: a caller may have many small pieces of work.
 */
export async function commitAll(
  db: Db,
  unit: (tx: Tx) => Promise<boolean>,
  stopwatch: Stopwatch = systemStopwatch,
): Promise<void> {
  let more = true;
  while (more) {
    more = await commitSome(db, unit, stopwatch);
    await nextTick();
  }
}

/** Does the same unit of work with each of some items, in short transactions. */
export async function commitEach<T>(
  db: Db,
  items: Iterable<T>,
  take: (tx: Tx, item: T) => Promise<void>,
  stopwatch: Stopwatch = systemStopwatch,
): Promise<void> {
  const rest = Iterator.from(items);
  let next = rest.next();
  if (next.done) return;
  await commitAll(
    db,
    async (tx) => {
      if (!next.done) await take(tx, next.value);
      next = rest.next();
      return !next.done;
    },
    stopwatch,
  );
}

/** Some items at a time, in their order. */
export function* chunksOf<T>(items: T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
