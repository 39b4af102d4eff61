import { statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { listMigrations, recordOf, type Schema } from './migrate.ts';

/** Whether it has tables, but no record of our migrations. */
export function isForeign(database: Sqlite.Database, schema: Schema = 'sqlite'): boolean {
  const names = listTables(database);
  return names.length > 0 && !names.includes(recordOf(schema));
}

const listTables = (database: Sqlite.Database) =>
  database.prepare(`select name from sqlite_master where type = 'table'`).pluck().all();

/**
 * Reads all of a file, and says whether this version can work with it.
 * @returns what is wrong with it; undefined if nothing
 * @throws when it cannot be read
 */
export function findFault(file: string): string | undefined {
  if (statSync(file).size === 0) return 'it is empty';
  let database: Sqlite.Database | undefined;
  try {
    database = new Sqlite(file, { fileMustExist: true });
    if (listTables(database).length === 0) return 'it is empty';
    if (isForeign(database)) return 'it is the database of another program';
    const found = database.pragma('integrity_check(1)', { simple: true });
    if (found !== 'ok') return `it is damaged: ${found}`;
    return findNewerChange(database);
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) throw error;
    if (error.code === 'SQLITE_NOTADB') return 'it is no database';
    if (error.code.startsWith('SQLITE_CORRUPT')) return `it is damaged: ${error.message}`;
    throw error;
  } finally {
    database?.close();
  }
}

function findNewerChange(database: Sqlite.Database): string | undefined {
  const known = listMigrations('sqlite');
  const changes = database.prepare('select name from kysely_migration order by name').pluck().all();
  const newer = changes.find((name) => !known.includes(String(name)));
  return newer === undefined
    ? undefined
    : `a newer version of Winnow has changed its tables (${newer}): update Winnow first`;
}
