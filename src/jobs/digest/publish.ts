import { digestKey } from '../../core/delivery/effects.ts';
import { MINUTE_MS } from '../../core/durations.ts';
import type { Db } from '../../store/db/tables.ts';
import { findPostState } from '../../store/delivery/posts.ts';
import {
  hasFlagsToShow,
  hasNewMessages,
  hasNews,
  hasStillOpen,
  publishNext,
} from '../../store/digest/published.ts';
import { markStale } from '../../store/digest/stale.ts';
import type { Batch } from '../../store/runs/batches.ts';
import { findOpenRun, type Run } from '../../store/runs/runs.ts';
import type { Context, NextAt } from '../context.ts';
import { commitAll } from '../slices.ts';
import { writeDigest } from './write.ts';

/** When results are this late after the last ones, the others are published without them. */
const LATE_MS = 30 * MINUTE_MS;

/**
 * judging → done. First the unpublished messages are published, page by page. Then one transaction
 * adds the posts of the digest to the outbox and ends the run. After a crash before that,
 * publishing continues and the same digest is written; after it, the outbox has everything.
 * @returns whether the run is over
 */
export async function publish(context: Context, { channel }: Run): Promise<boolean> {
  // Read it again: somebody may have asked for a summary since this run began without one.
  const run = await findOpenRun(context.db, channel);
  if (!run) return true;
  const published = await publishRest(context, run);
  // It changed just now, for instance because somebody asked for a summary: the next pass publishes
  // it.
  const ended = await writeDigest(context, run, 'end');
  if (ended) context.log.info({ run: run.id, channel, published }, 'a run is done');
  return ended;
}

/**
 * Publishes what is there when other results are late; these are filled in later. The run stays
 * open.
 * @returns when to look again; null when nothing is missing
 */
export async function publishPart(
  context: Context,
  { channel }: Run,
  batches: Batch[],
): Promise<NextAt> {
  const { db, clock, log } = context;
  const run = await findOpenRun(db, channel);
  if (!run || run.with_digest === 0) return null;
  if (run.published_at === null) {
    const lateAt = lateFrom(run, batches, context.settings.summaryLatenessMs);
    if (lateAt === null || lateAt > clock.now()) return lateAt;
  }
  const published = await publishRest(context, run);
  if (run.published_at !== null) {
    if (published > 0) await db.transaction().execute((tx) => markStale(tx, run.id, clock.now()));
    return null;
  }
  // Its post says already that nothing is there yet; edits alone have none.
  const shown = (await findPostState(db, digestKey(run.id))) !== undefined;
  if (published === 0 && (shown || !(await hasNewMessages(db, run)))) return null;
  if (!(await writeDigest(context, run, 'part'))) return clock.now();
  log.info({ run: run.id, channel, published }, 'some results are late: the others are published');
  return null;
}

/**
 * Shows what needs attention as soon as it is judged, while messages are judged as they come: the post
 * of the run appears with the first of them.
 * @returns false when the run has changed meanwhile, and its post is not written
 */
export async function publishLiving(context: Context, { cause, channel }: Run): Promise<boolean> {
  const { db, clock } = context;
  if (cause !== 'live') return true;
  const run = await findOpenRun(db, channel);
  if (!run || run.with_digest === 0) return true;
  if (run.published_at === null && !(await hasFlagsToShow(db, run))) return true;
  const published = await publishRest(context, run);
  if (run.published_at === null) return writeDigest(context, run, 'part');
  if (published > 0) {
    await db.transaction().execute((tx) => markStale(tx, run.id, clock.now()));
  }
  return true;
}

/** From when on the rest is published without what is late; null: as long as it takes. */
function lateFrom({ due_at, created_at }: Run, batches: Batch[], latenessMs: number): NextAt {
  // A time that was missed while the bot was down is late from its beginning.
  if (due_at !== null) return Math.max(due_at, created_at) + latenessMs;
  const collected = batches.filter(({ stage }) => stage === 'collected');
  if (collected.length === 0) return null;
  // For a collected batch, `next_at` is when it was collected.
  return Math.max(...collected.map(({ next_at }) => next_at)) + LATE_MS;
}

/** A schedule posts nothing for edits alone. What a summary shows anyway, it shows with them. */
async function isWorthPublishing(db: Db, run: Run): Promise<boolean> {
  const { channel, cause, requested_by, published_at } = run;
  if (cause !== 'schedule' || requested_by !== null || published_at !== null) return true;
  return (await hasNews(db, channel)) || (await hasStillOpen(db, channel));
}

/** @returns how many */
async function publishRest({ db }: Context, run: Run): Promise<number> {
  // What its digest could not show would be shown nowhere.
  if (run.with_digest === 0 || (await findPostState(db, digestKey(run.id))) === 'dead') return 0;
  if (!(await isWorthPublishing(db, run))) return 0;
  let published = 0;
  await commitAll(db, async (tx) => {
    const taken = await publishNext(tx, run);
    published += taken;
    return taken > 0;
  });
  return published;
}
