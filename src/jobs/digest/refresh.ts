import { MERGE_MS } from '../../core/delivery/effects.ts';
import { listStaleRuns } from '../../store/digest/stale.ts';
import { findRun, type Run } from '../../store/runs/runs.ts';
import { type Context, earliest, type NextAt } from '../context.ts';
import { writeDigest } from './write.ts';

/**
 * Receipts follow the progress of their runs, digests follow what people do. Many changes make one
 * update: it waits until nothing has changed for a moment, but not for long.
 */

const AT_MOST_MS = { receipt: 3_000, digest: 10_000 };

export async function refreshDigests(context: Context): Promise<NextAt> {
  const { db, clock } = context;
  const times: NextAt[] = [];
  for (const stale of await listStaleRuns(db)) {
    const dueAt = refreshAt(stale);
    if (dueAt > clock.now()) {
      times.push(dueAt);
      continue;
    }
    const run = await findRun(db, stale.id);
    // It was written meanwhile; what is still stale is written again.
    if (run && !(await writeDigest(context, run, 'again'))) times.push(clock.now());
  }
  return earliest(times);
}

function refreshAt({ published_at, stale_at, stale_since }: Run): number {
  const kind = published_at === null ? 'receipt' : 'digest';
  return Math.min((stale_at ?? 0) + MERGE_MS[kind], (stale_since ?? 0) + AT_MOST_MS[kind]);
}
