import Sqlite from 'better-sqlite3';

/**
 * Writes a consistent copy of a database while the bot uses it. SQLite copies page by page, and
 * starts over when something is written meanwhile.
 * @throws when the source cannot be read or the target cannot be written
 */
export async function backUpDatabase(source: string, target: string): Promise<void> {
  const database = new Sqlite(source, { readonly: true, fileMustExist: true });
  try {
    await database.backup(target);
  } finally {
    database.close();
  }
}
