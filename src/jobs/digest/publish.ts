import { digestKey } from '../../core/delivery/effects.ts';
import { MINUTE_MS } from '../../core/durations.ts';
import { findPostState } from '../../store/delivery/posts.ts';
import { publishNext } from '../../store/digest/published.ts';
import type { Batch } from '../../store/runs/batches.ts';
import { findOpenRun, markStale, type Run } from '../../store/runs/runs.ts';
import type { Context, NextAt } from '../context.ts';
import { commitAll } from '../slices.ts';
import { writeDigest } from './write.ts';

/** Results that let so much be waited for after the last ones are late: the others are told. */
const LATE_MS = 30 * MINUTE_MS;

/**
 * judging → done. First what is untold is told, page by page; then, in one transaction, the posts
 * of the digest are written to the outbox and the run is over. A crash before that goes on telling
 * and writes the same digest; after it, the outbox has everything.
 * @returns whether the run is over
 */
export async function publish(context: Context, { channel }: Run): Promise<boolean> {
  // As it is now: somebody may have asked for a summary since this run was begun without one.
  const run = await findOpenRun(context.db, channel);
  if (!run) return true;
  const published = await publishRest(context, run);
  // Changed just now, such as by being asked for a summary: the next pass publishes it as it is.
  const ended = await writeDigest(context, run, 'end');
  if (ended) context.log.info({ run: run.id, channel, published }, 'a run is done');
  return ended;
}

/**
 * Some results are there and others let wait for them: what is there is published, and what comes
 * is filled in. The run stays open.
 * @returns when to look again; null when nothing is waited for
 */
export async function publishPart(
  context: Context,
  { channel }: Run,
  batches: Batch[],
): Promise<NextAt> {
  const { db, clock, log } = context;
  const collected = batches.filter(({ stage }) => stage === 'collected');
  const run = await findOpenRun(db, channel);
  if (!run || run.with_digest === 0 || collected.length === 0) return null;
  if (run.published_at === null) {
    // Of a batch that is collected, `next_at` is when it was.
    const lateAt = Math.max(...collected.map(({ next_at }) => next_at)) + LATE_MS;
    if (lateAt > clock.now()) return lateAt;
  }
  const published = await publishRest(context, run);
  if (run.published_at !== null) {
    if (published > 0) await db.transaction().execute((tx) => markStale(tx, run.id, clock.now()));
    return null;
  }
  if (!(await writeDigest(context, run, 'part'))) return clock.now();
  log.info({ run: run.id, channel, published }, 'some results are late: the others are published');
  return null;
}

/** @returns how many */
async function publishRest({ db }: Context, run: Run): Promise<number> {
  // What its digest could not show would be told to nobody.
  if (run.with_digest === 0 || (await findPostState(db, digestKey(run.id))) === 'dead') return 0;
  let published = 0;
  await commitAll(db, async (tx) => {
    const taken = await publishNext(tx, run);
    published += taken;
    return taken > 0;
  });
  return published;
}
