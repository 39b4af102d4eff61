import { promises as fs, readdirSync } from 'node:fs';
import path from 'node:path';
import { type Kysely, sql } from 'kysely';
import { FileMigrationProvider, Migrator } from 'kysely/migration';
import type { Engine } from './engine.ts';

/** Tables that belong together: those of a workspace, in either engine, or those of the control database, in both. */
export type Schema = Engine | 'control';

const folderOf = (schema: Schema) => path.join(import.meta.dirname, '../../../migrations', schema);

/** The names of all changes of the tables that this version knows. */
export const listMigrations = (schema: Schema): string[] =>
  readdirSync(folderOf(schema)).map((file) => path.parse(file).name);

/** Where Kysely records what was changed. In PostgreSQL, the control database's tables are beside the workspaces'. */
export const recordOf = (schema: Schema): string =>
  schema === 'control' ? 'control_migration' : 'kysely_migration';

/** A newer version has changed the tables: this one does not know what they mean. */
class NewerTablesError extends Error {
  constructor(change: string) {
    super(`a newer version of Winnow has changed its tables (${change}): update Winnow`);
    this.name = 'NewerTablesError';
  }
}

/**
 * Brings the tables up to date. Several processes may do so at once.
 * @param before is called first when tables that are in use will be changed, with the name of their last change
 * @throws NewerTablesError; and when a migration fails
 */
export async function migrate<T>(
  db: Kysely<T>,
  schema: Schema,
  before: (last: string) => Promise<void> = async () => {},
): Promise<void> {
  const provider = new FileMigrationProvider({ fs, path, migrationFolder: folderOf(schema) });
  const migrationTableName = recordOf(schema);
  const migrationLockTableName = `${migrationTableName}_lock`;
  const migrator = new Migrator({ db, provider, migrationTableName, migrationLockTableName });
  const all = await migrator.getMigrations();
  const last = all.findLast(({ executedAt }) => executedAt !== undefined);
  if (last && all.some(({ executedAt }) => executedAt === undefined)) await before(last.name);
  const { error } = await migrator.migrateToLatest();
  if (!error) return;
  const newer = await findUnknownChange(db, schema).catch(() => undefined);
  throw newer === undefined ? error : new NewerTablesError(newer);
}

/** @returns the name of a change of the tables that this version does not know */
async function findUnknownChange<T>(db: Kysely<T>, schema: Schema): Promise<string | undefined> {
  const { rows } = await sql<{ name: string }>`
    select name from ${sql.table(recordOf(schema))} order by name`.execute(db);
  const known = listMigrations(schema);
  return rows.find(({ name }) => !known.includes(name))?.name;
}
