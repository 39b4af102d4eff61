import path from 'node:path';
import type { Config } from '../config.ts';
import type { Log } from '../core/log.ts';
import { systemClock } from '../jobs/loop.ts';
import { describeUnfit, findUnfit } from '../store/db/file-system.ts';
import { lockWhenFree } from '../store/db/lock.ts';
import { openDatabase } from '../store/db/open.ts';
import { shortenLog } from '../store/db/seal.ts';
import type { Db } from '../store/db/tables.ts';
import { StartError } from './start-error.ts';

/**
 * Opens the database for this process only.
 * @param begun closes it again
 * @throws StartError
 */
export async function openDatabaseAlone(
  { databaseFile: file, takeOverMs }: Config,
  log: Log,
  begun: AsyncDisposableStack,
): Promise<Db> {
  try {
    begun.defer(await lockWhenFree(file, { takeOverMs, clock: systemClock, log }));
    const db = await openDatabase(file);
    begun.defer(async () => {
      await shortenLog(db);
      await db.destroy();
    });
    return db;
  } catch (error) {
    throw new StartError(`DATABASE_URL: ${describeDatabaseTrouble(file, error as Error)}`);
  }
}

/** Without locks, SQLite says that somebody else has the database; without shared memory, an I/O error. */
function describeDatabaseTrouble(file: string, error: Error): string {
  const folder = path.dirname(path.resolve(file));
  const unfit = findUnfit(folder);
  if (unfit) return describeUnfit(folder, unfit).join(' ');
  return `${file} cannot be used: ${error.message}`;
}
