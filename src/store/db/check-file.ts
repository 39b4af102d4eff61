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

/** Whether a file has no tables: its database is being made, or was never used. @throws when it cannot be read */
export function isEmpty(file: string): boolean {
  if (statSync(file).size === 0) return true;
  const database = new Sqlite(file, { readonly: true, fileMustExist: true });
  try {
    return listTables(database).length === 0;
  } finally {
    database.close();
  }
}

/**
 * Reads all of a file, and says whether this version can work with it.
 * @param schema which tables it is to have
 * @returns what is wrong with it; undefined if nothing
 * @throws when it cannot be read
 */
export function findFault(file: string, schema: Schema = 'sqlite'): string | undefined {
  if (statSync(file).size === 0) return 'it is empty';
  let database: Sqlite.Database | undefined;
  try {
    database = new Sqlite(file, { fileMustExist: true });
    if (listTables(database).length === 0) return 'it is empty';
    if (isForeign(database, schema)) return 'it is the database of another program';
    const found = database.pragma('integrity_check(1)', { simple: true });
    if (found !== 'ok') return `it is damaged: ${found}`;
    return findNewerChange(database, schema);
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) throw error;
    if (error.code === 'SQLITE_NOTADB') return 'it is no database';
    if (error.code.startsWith('SQLITE_CORRUPT')) return `it is damaged: ${error.message}`;
    throw error;
  } finally {
    database?.close();
  }
}

/** The file has the rows of another workspace. */
export class OtherWorkspaceError extends Error {
  readonly owner: string;

  constructor(owner: string, team: string) {
    super(`it belongs to the workspace ${owner}, not to ${team}`);
    this.name = 'OtherWorkspaceError';
    this.owner = owner;
  }
}

/**
 * @param database may have older tables
 * @param team the workspace that it is to have the rows of; undefined: any
 * @returns what is wrong with that; undefined if nothing, or if no bot has said whose it is
 */
export function findOtherOwner(
  database: Sqlite.Database,
  team: string | undefined,
): OtherWorkspaceError | undefined {
  if (team === undefined || !listTables(database).includes('workspace')) return undefined;
  const owner = database.prepare('select team from workspace').pluck().get();
  return owner === undefined || owner === team
    ? undefined
    : new OtherWorkspaceError(String(owner), team);
}

function findNewerChange(database: Sqlite.Database, schema: Schema): string | undefined {
  const known = listMigrations(schema);
  const record = recordOf(schema);
  const changes = database.prepare(`select name from ${record} order by name`).pluck().all();
  const newer = changes.find((name) => !known.includes(String(name)));
  return newer === undefined
    ? undefined
    : `a newer version of Winnow has changed its tables (${newer}): update Winnow first`;
}
