import path from 'node:path';
import type { Config } from '../config.ts';
import { type DatabasePlace, namePlace } from '../core/database-place.ts';
import { backoffMs } from '../core/delivery/backoff.ts';
import type { Log } from '../core/log.ts';
import { systemClock } from '../jobs/loop.ts';
import { OtherWorkspaceError } from '../store/db/check-file.ts';
import { describeUnfit, findUnfit } from '../store/db/file-system.ts';
import { lockWhenFree } from '../store/db/lock.ts';
import { openWorkspaceFile } from '../store/db/open.ts';
import { asLost, isTableInUse } from '../store/db/postgres/lost.ts';
import { shortenLog } from '../store/db/seal.ts';
import type { Db } from '../store/db/tables.ts';
import { StartError } from './start-error.ts';

/** Resolves when the process may act for the workspace; rejects when the signal aborts. */
export type Held = (signal?: AbortSignal | null) => Promise<void>;

/** A `fetch` that waits first. */
export function whenHeld(held: Held, next: typeof fetch): typeof fetch {
  return async (input, init) => {
    await held(init?.signal);
    return next(input, init);
  };
}

/**
 * Opens the database for this process only.
 * @param team the workspace's id
 * @param onLost is called when another process has taken the workspace over
 * @param begun closes it again
 * @returns the database, and what to wait for before each call to Slack or Claude
 * @throws StartError
 */
export async function openDatabaseAlone(
  { database, takeOverMs }: Config,
  { team, log, onLost }: { team: string; log: Log; onLost: () => void },
  begun: AsyncDisposableStack,
): Promise<{ db: Db; held: Held }> {
  const options = { takeOverMs, clock: systemClock, log };
  if (database.kind === 'sqlite') {
    // The lock of a file is held as long as the process lives.
    return { db: await openFile(database.file, team, options, begun), held: async () => {} };
  }
  const { openWorkspaceAlone } = await import('../store/db/postgres/open.ts');
  return openServerPatiently(
    database,
    {
      log,
      open: (opening) => openWorkspaceAlone(database.url, team, { ...options, onLost }, opening),
    },
    begun,
  );
}

/**
 * Opens something on a server, and waits for one that is not there yet.
 * @param open is tried again after a while; what it has begun by then is ended
 * @param begun ends what it has begun
 * @throws StartError when the server cannot be used
 */
export async function openServerPatiently<T>(
  database: DatabasePlace,
  { log, open }: { log: Log; open: (opening: AsyncDisposableStack) => Promise<T> },
  begun: AsyncDisposableStack,
): Promise<T> {
  const { describeServerTrouble } = await import('../store/db/postgres/trouble.ts');
  for (let failures = 0; ; failures++) {
    const opening = new AsyncDisposableStack();
    try {
      const opened = await open(opening);
      begun.use(opening);
      return opened;
    } catch (error) {
      await opening.disposeAsync();
      const lost = asLost(error);
      if (lost) {
        const reason = lost.message;
        log.warn({ reason, failures }, 'the database cannot be reached yet; trying again');
      } else if (isTableInUse(error)) {
        log.warn({ failures }, 'a table that this version changes is in use; trying again');
      } else {
        const trouble = describeServerTrouble(error as Error);
        throw new StartError(`DATABASE_URL: ${namePlace(database)} cannot be used: ${trouble}`);
      }
      await systemClock.sleep(backoffMs(failures));
    }
  }
}

async function openFile(
  file: string,
  team: string,
  options: Parameters<typeof lockWhenFree>[1],
  begun: AsyncDisposableStack,
): Promise<Db> {
  try {
    begun.defer(await lockWhenFree(file, options));
    const db = await openWorkspaceFile(file, team);
    begun.defer(async () => {
      await shortenLog(db);
      await db.destroy();
    });
    return db;
  } catch (error) {
    throw new StartError(`DATABASE_URL: ${describeFileTrouble(file, error as Error)}`);
  }
}

/** Without locks, SQLite says that somebody else has the database; without shared memory, an I/O error. */
function describeFileTrouble(file: string, error: Error): string {
  const folder = path.dirname(path.resolve(file));
  const unfit = findUnfit(folder);
  if (unfit) return describeUnfit(folder, unfit).join(' ');
  const trouble = `${file} cannot be used: ${error.message}`;
  // People of one workspace must not read what others have written.
  return error instanceof OtherWorkspaceError
    ? `${trouble}. Name another file, or take the SLACK_BOT_TOKEN of ${error.owner}.`
    : trouble;
}
