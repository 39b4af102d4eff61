import { promises as fs } from 'node:fs';
import path from 'node:path';
import type { Kysely } from 'kysely';
import { FileMigrationProvider, Migrator } from 'kysely/migration';

const MIGRATIONS = path.join(import.meta.dirname, '../../../migrations');

/** Brings the tables up to date. @throws when a migration fails */
export async function migrate<T>(db: Kysely<T>): Promise<void> {
  const provider = new FileMigrationProvider({ fs, path, migrationFolder: MIGRATIONS });
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error) throw error;
}
