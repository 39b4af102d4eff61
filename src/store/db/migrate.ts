import { promises as fs, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Kysely } from 'kysely';
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

/**
 * Brings the tables up to date. Several processes may do so at once.
 * @param before is called first when tables that are in use will be changed, with the name of their last change
 * @throws when a migration fails
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
  if (error) throw error;
}
