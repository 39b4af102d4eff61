import type { Clock } from '../../core/clock.ts';
import type { DatabasePlace } from '../../core/database-place.ts';
import type { Log } from '../../core/log.ts';
import { DatabaseInUseError } from '../db/lock.ts';
import { openWorkspaceAsItIs } from '../db/postgres/open.ts';
import { WorkspaceInUseError } from '../db/postgres/ownership.ts';
import { deleteWorkspace, deleteWorkspaceFiles, removeWorkspace } from './delete.ts';
import { fileOf } from './files.ts';
import type { ControlDb } from './tables.ts';

/** Workspaces that have ended by a time, in ms since 1970; those that ended first come first. */
export async function listEnded(
  db: ControlDb,
  endedBy: number,
): Promise<{ team: string; endedAt: number }[]> {
  return db
    .selectFrom('workspaces')
    .select(['team', (eb) => eb.ref('ended_at').$notNull().as('endedAt')])
    .where('ended_at', '<=', endedBy)
    .orderBy('ended_at')
    .orderBy('team')
    .execute();
}

/**
 * Deletes a workspace that has ended, for good. It holds the lock of the workspace, so that no process works for it
 * meanwhile. If the process dies, the workspace stays ended, and the next try deletes what is left.
 * @param ended.endedBy in ms since 1970; one that ended later stays
 * @returns `in use`: a process still works for it. `not ended`: it has the app, is gone, or another process is deleting
 * it. In both cases nothing was deleted.
 */
export async function deleteEnded(
  control: ControlDb,
  place: DatabasePlace,
  ended: { team: string; endedBy: number },
  tools: { clock: Clock; log: Log },
): Promise<'deleted' | 'not ended' | 'in use'> {
  try {
    const deleteRows = () => deleteAlone(place, ended.team, tools);
    return (await removeWorkspace(control, ended, deleteRows)) ? 'deleted' : 'not ended';
  } catch (error) {
    if (error instanceof DatabaseInUseError || error instanceof WorkspaceInUseError)
      return 'in use';
    throw error;
  }
}

/** However long it takes: a large workspace is deleted as a whole. */
const ANY_TIME = { statementMs: 0, idleMs: 0 };

async function deleteAlone(
  place: DatabasePlace,
  team: string,
  tools: { clock: Clock; log: Log },
): Promise<void> {
  if (place.kind === 'sqlite') return deleteWorkspaceFiles(fileOf(place.file, team));
  await using begun = new AsyncDisposableStack();
  // A process that takes it over keeps the transaction from being committed.
  const options = { ...tools, takeOverMs: 0, limits: ANY_TIME, onLost() {} };
  // A newer version may have changed the tables already.
  const { db } = await openWorkspaceAsItIs(place.url, team, options, begun);
  await deleteWorkspace(db);
}
