import type { Db } from '../store/db/tables.ts';
import { readNames } from '../store/intake/users.ts';
import { isCollecting } from '../store/runs/batches.ts';
import { indexNext, queueGists } from '../store/search/index-messages.ts';
import type { Context, NextAt } from './context.ts';
import { commitAll, commitSome, type Stopwatch } from './slices.ts';

/**
 * Keeps the index of all words up to date, a slice at a time. Other work goes first, above all the
 * collecting of results.
 */

/** A pause between slices: they take about a tenth of the time. */
const PAUSE_MS = 100;

const COLLECTING_MS = 5_000;

/** How soon new words are indexed when nobody searches; a search indexes them at once. */
const IDLE_MS = 15_000;

export async function indexWords(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  stopwatch?: Stopwatch,
): Promise<NextAt> {
  if (await isCollecting(db)) return clock.now() + COLLECTING_MS;
  const nameOf = await readNames(db);
  const more = [
    await commitSome(db, async (tx) => (await queueGists(tx)) > 0, stopwatch),
    await commitSome(db, async (tx) => (await indexNext(tx, nameOf)) > 0, stopwatch),
  ];
  return clock.now() + (more.includes(true) ? PAUSE_MS : IDLE_MS);
}

/** A search waits no longer than this for the index. */
const CAUGHT_UP = 1_000;

/** Indexes what is new in a channel, before somebody searches there. */
export async function catchUp(db: Db, channel: string): Promise<void> {
  let noticed = 0;
  await commitAll(db, async (tx) => {
    const some = await queueGists(tx);
    noticed += some;
    return some > 0 && noticed < CAUGHT_UP;
  });
  const nameOf = await readNames(db);
  let indexed = 0;
  await commitAll(db, async (tx) => {
    const some = await indexNext(tx, nameOf, channel);
    indexed += some;
    return some > 0 && indexed < CAUGHT_UP;
  });
}
