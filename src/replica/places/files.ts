import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import { lockDatabase, lockWhenFree } from '../../store/db/lock.ts';
import { openWorkspaceFile } from '../../store/db/open.ts';
import { shortenLog } from '../../store/db/seal.ts';
import { controlIn, fileOf } from '../../store/workspaces/files.ts';
import type { Place } from './place.ts';

/** Each workspace has a file of SQLite's in one folder, of which one process is the only user. */
export async function openFiles(
  folder: string,
  options: { takeOverMs: number; clock: Clock; log: Log },
  begun: AsyncDisposableStack,
): Promise<Place> {
  begun.defer(await lockWhenFree(controlIn(folder), options));
  return createFiles(folder);
}

const createFiles = (folder: string): Place => ({
  countReplicas: async () => 1,
  listFree: async (teams) => teams,
  take: async (teams) => teams,
  async open(team, begun) {
    const file = fileOf(folder, team);
    // Tools that open the file alone see that it is in use.
    begun.defer(lockDatabase(file));
    const db = await openWorkspaceFile(file, team);
    begun.defer(async () => {
      await shortenLog(db);
      await db.destroy();
    });
    return { db, held: async () => {} };
  },
  release: async () => {},
  leave: async () => {},
});
