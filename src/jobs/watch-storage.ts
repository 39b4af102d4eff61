import { findStorageTrouble, OVER } from '../core/health/storage.ts';
import { tryWriting } from '../store/health/facts.ts';
import type { Context } from './context.ts';
import type { Wake } from './job.ts';

/**
 * Once there is room again on a disk that was full, or the database can be reached again, everything goes on at
 * once: all jobs run, and history is read for what Slack no longer sends.
 */
export async function watchStorage(context: Context, { emit }: Wake): Promise<null> {
  const { db, clock, log, storage, catchUp } = context;
  const { trouble } = storage;
  if (!trouble) return null;
  try {
    await tryWriting(db);
  } catch (error) {
    if (findStorageTrouble(error)) return null;
    throw error;
  }
  storage.trouble = null;
  log.info({}, OVER[trouble]);
  catchUp.missEvents(clock.now());
  emit('storage');
  return null;
}
