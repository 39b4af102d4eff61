import { mkdirSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';

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
