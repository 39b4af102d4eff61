import type { Clock } from '../core/clock.ts';
import type { DatabasePlace } from '../core/database-place.ts';
import { HOUR_MS } from '../core/durations.ts';
import type { Log } from '../core/log.ts';
import { deleteEnded, listEnded } from '../store/workspaces/delete-ended.ts';
import type { ControlDb } from '../store/workspaces/tables.ts';

/** How often it is looked for workspaces whose time is over, and tried again what could not be deleted. */
const EVERY_MS = HOUR_MS;

/**
 * Deletes workspaces some time after they have ended, one after another. Every replica does so; what keeps two from
 * deleting the same one is the lock of the workspace.
 * @param options.keepMs how long they are kept
 * @returns the job; it says when it wants to run next
 */
export function createEndedJob({
  control,
  database,
  keepMs,
  clock,
  log,
}: {
  control: ControlDb;
  database: DatabasePlace;
  keepMs: number;
  clock: Clock;
  log: Log;
}): () => Promise<number> {
  /** Until when those are left alone that could not be deleted. */
  const later = new Map<string, number>();
  return async () => {
    const now = clock.now();
    const endedBy = now - keepMs;
    const due = (await listEnded(control, endedBy)).find(
      ({ team }) => (later.get(team) ?? now) <= now,
    );
    if (!due) return now + EVERY_MS;
    const { team, endedAt } = due;
    later.set(team, now + EVERY_MS);
    try {
      const outcome = await deleteEnded(control, database, { team, endedBy }, { clock, log });
      if (outcome === 'deleted') {
        later.delete(team);
        log.info({ team, endedAt }, 'a workspace that ended long ago is deleted');
      }
    } catch (error) {
      log.error({ err: error, team }, 'a workspace that ended long ago could not be deleted');
    }
    return clock.now();
  };
}
