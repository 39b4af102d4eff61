import Sqlite from 'better-sqlite3';
import { type Kysely, sql } from 'kysely';
import { removeCopies } from './backup.ts';
import { engineOf } from './engine.ts';
import { findDatabaseFile } from './file-system.ts';
import type { Db } from './tables.ts';

/**
 * Writes the database anew, because SQLite may leave a copy of a row in the gaps of a page that the row was moved
 * from, and removes the copies that were made before changes of the tables. It takes about a second for each
 * 100 MB, in which nothing else uses the database, and needs as much free space.
 * @returns why it could not be done now; undefined when it is done
 */
export function rewriteDatabase(db: Db): Promise<string | undefined> {
  return withoutWaiting(db, async (connection) => {
    await sql`vacuum`.execute(connection);
    const file = await findDatabaseFile(connection);
    if (file) removeCopies(file);
    return undefined;
  });
}

/** Empties the write-ahead log. @returns why it could not be done now; undefined when it is done */
export function emptyLog(db: Db): Promise<string | undefined> {
  return withoutWaiting(db, async (connection) =>
    (await checkpoint(connection)).busy ? 'something else reads the database' : undefined,
  );
}

/**
 * Writes the log into the database as far as its readers allow, and empties it if they allow all of it.
 * @returns the size of what is left, in bytes; 0 also when it could not be done for another reason
 */
export async function shortenLog<T>(db: Kysely<T>): Promise<number> {
  let left = 0;
  await withoutWaiting(db, async (connection) => {
    const { busy, frames } = await checkpoint(connection);
    if (busy) left = frames * FRAME_BYTES;
    return undefined;
  });
  return left;
}

/** A page, and what the log says about it. */
const FRAME_BYTES = 4_096 + 24;

/** @returns whether a reader was in the way; how many pages the log had */
async function checkpoint<T>(connection: Kysely<T>): Promise<{ busy: boolean; frames: number }> {
  const { rows } = await sql<{
    busy: number;
    log: number;
  }>`pragma wal_checkpoint(truncate)`.execute(connection);
  const [{ busy, log } = { busy: 0, log: 0 }] = rows;
  return { busy: busy === 1, frames: Math.max(0, log) };
}

/** Does not wait for a reader such as a backup: that would hold up everything else. PostgreSQL does the same by itself. */
async function withoutWaiting<T>(
  db: Kysely<T>,
  work: (connection: Kysely<T>) => Promise<string | undefined>,
): Promise<string | undefined> {
  if (engineOf(db) === 'postgres') return undefined;
  return db.connection().execute(async (connection) => {
    await sql`pragma busy_timeout = 0`.execute(connection);
    try {
      return await work(connection);
    } catch (error) {
      if (!(error instanceof Sqlite.SqliteError)) throw error;
      return error.message;
    } finally {
      await sql`pragma busy_timeout = 5000`.execute(connection);
    }
  });
}
