import Sqlite from 'better-sqlite3';
import { sql } from 'kysely';
import { removeCopies } from './backup.ts';
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
    const { rows: files } = await sql<{ name: string; file: string }>`
      pragma database_list`.execute(connection);
    // In memory it has none.
    for (const { file } of files) if (file) removeCopies(file);
    return undefined;
  });
}

/** Empties the write-ahead log. @returns why it could not be done now; undefined when it is done */
export function emptyLog(db: Db): Promise<string | undefined> {
  return withoutWaiting(db, async (connection) => {
    const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(
      connection,
    );
    return rows[0]?.busy === 1 ? 'something else reads the database' : undefined;
  });
}

/** Does not wait for a reader such as a backup: that would hold up everything else. */
function withoutWaiting(
  db: Db,
  work: (connection: Db) => Promise<string | undefined>,
): Promise<string | undefined> {
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
