import { mkdirSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import { findUnfit } from './file-system.ts';

/** Another process works on the same database. */
export class DatabaseInUseError extends Error {
  constructor(file: string) {
    super(
      `another Winnow is running on ${file}; stop it first, or give this one another DATABASE_URL`,
    );
    this.name = 'DatabaseInUseError';
  }
}

/**
 * Ensures that only one bot uses a database: two would both deliver the outbox. The lock is an
 * exclusive transaction on a file beside the database, held while the process lives. The system
 * releases it however the process ends, so no stale lock remains, and it blocks neither readers nor
 * backups.
 * @returns releases the lock
 * @throws DatabaseInUseError
 */
export function lockDatabase(file: string): () => void {
  mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  const lock = new Sqlite(`${file}-lock`, { timeout: 0 });
  try {
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new DatabaseInUseError(file);
    }
    throw error;
  }
  return () => lock.close();
}

/** A process that takes over is ready soon after the other one has stopped. */
const POLL_MS = 200;

/**
 * Waits for another process to leave the database, as in a rolling deploy.
 * @returns releases the lock
 * @throws DatabaseInUseError when it has not left in time
 */
export async function lockWhenFree(
  file: string,
  { takeOverMs, clock, log }: { takeOverMs: number; clock: Clock; log: Log },
): Promise<() => void> {
  const until = clock.now() + takeOverMs;
  for (let waited = false; ; waited = true) {
    try {
      return lockDatabase(file);
    } catch (error) {
      if (!(error instanceof DatabaseInUseError) || clock.now() >= until) throw error;
      if (!waited && findUnfit(path.dirname(path.resolve(file)))?.kind === 'no locks') throw error;
      if (!waited)
        log.info({ takeOverMs }, 'another Winnow has the database; waiting for it to stop');
      await clock.sleep(POLL_MS);
    }
  }
}
