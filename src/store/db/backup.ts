import Sqlite from 'better-sqlite3';

/**
 * Writes a consistent copy of a database while the bot works on it: SQLite copies it page by page,
 * and starts over where something was written meanwhile.
 * @throws when the source cannot be read or the target not be written
 */
export async function backUpDatabase(source: string, target: string): Promise<void> {
  const database = new Sqlite(source, { readonly: true, fileMustExist: true });
  try {
    await database.backup(target);
  } finally {
    database.close();
  }
}
