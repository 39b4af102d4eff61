import { setImmediate as nextTick } from 'node:timers/promises';
import type { Db } from '../store/db/tables.ts';
import { readNames } from '../store/intake/users.ts';
import { isCollecting } from '../store/runs/batches.ts';
import { indexNext, noticeGists } from '../store/search/index-messages.ts';
import type { Context, NextAt } from './context.ts';

/**
 * Keeps the index of all words up, a slice at a time: whoever has something to do meanwhile goes
 * first, results that are being collected above all.
 */

/** Between slices: they take about a tenth of the time. */
const PAUSE_MS = 100;

const COLLECTING_MS = 5_000;

/** How soon words can be found that nobody looks for: whoever does has them taken in at once. */
const IDLE_MS = 15_000;

export async function indexWords({ db, clock }: Pick<Context, 'db' | 'clock'>): Promise<NextAt> {
  if (await isCollecting(db)) return clock.now() + COLLECTING_MS;
  const done = (await notice(db)) + (await indexSlice(db));
  return clock.now() + (done > 0 ? PAUSE_MS : IDLE_MS);
}

/** Nobody who searches waits for more than this. */
const CAUGHT_UP = 1_000;

/** Takes in what is new in a channel, before somebody searches there. */
export async function catchUp(db: Db, channel: string): Promise<void> {
  for (let gone = 0; gone < CAUGHT_UP; ) {
    const noticed = await notice(db);
    if (noticed === 0) break;
    gone += noticed;
    await nextTick();
  }
  for (let gone = 0; gone < CAUGHT_UP; ) {
    const indexed = await indexSlice(db, channel);
    if (indexed === 0) break;
    gone += indexed;
    await nextTick();
  }
}

const notice = (db: Db) => db.transaction().execute((tx) => noticeGists(tx));

const indexSlice = (db: Db, channel?: string) =>
  db.transaction().execute(async (tx) => indexNext(tx, await readNames(tx), channel));
