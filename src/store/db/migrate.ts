import { promises as fs, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Kysely } from 'kysely';
import { FileMigrationProvider, Migrator } from 'kysely/migration';
import type { Engine } from './engine.ts';

const folderOf = (engine: Engine) => path.join(import.meta.dirname, '../../../migrations', engine);

/** The names of all changes of the tables that this version knows. */
export const listMigrations = (engine: Engine): string[] =>
  readdirSync(folderOf(engine)).map((file) => path.parse(file).name);

/**
 * Brings the tables up to date.
 * @param before is called first when tables that are in use will be changed, with the name of their last change
 * @throws when a migration fails
 */
export async function migrate<T>(
  db: Kysely<T>,
  engine: Engine,
  before: (last: string) => Promise<void> = async () => {},
): Promise<void> {
  const provider = new FileMigrationProvider({ fs, path, migrationFolder: folderOf(engine) });
  const migrator = new Migrator({ db, provider });
  const all = await migrator.getMigrations();
  const last = all.findLast(({ executedAt }) => executedAt !== undefined);
  if (last && all.some(({ executedAt }) => executedAt === undefined)) await before(last.name);
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}
