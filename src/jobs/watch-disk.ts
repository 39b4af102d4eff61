import { isDiskFull } from '../core/health/full-disk.ts';
import { tryWriting } from '../store/health/facts.ts';
import type { Context } from './context.ts';
import type { Wake } from './job.ts';

/**
 * Once there is room again on a disk that was full, everything goes on at once: all jobs run, and history is read for
 * what Slack no longer sends.
 */
export async function watchDisk(context: Context, { emit }: Wake): Promise<null> {
  const { db, clock, log, disk, catchUp } = context;
  if (!disk.isFull) return null;
  try {
    await tryWriting(db);
  } catch (error) {
    if (isDiskFull(error)) return null;
    throw error;
  }
  disk.isFull = false;
  log.info({}, 'there is room on the disk again');
  catchUp.missEvents(clock.now());
  emit('room');
  return null;
}
