import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Logger, sql } from 'kysely';
import { engineOf } from '../src/store/db/engine.ts';
import { openCopy, openDatabase } from '../src/store/db/open.ts';
import type { Db } from '../src/store/db/tables.ts';
import {
  createFreshWorkspace,
  type FreshDatabase,
  onPostgres,
} from './postgres/fresh-workspace.ts';

let migrated: Promise<Buffer> | undefined;

/** A database with all tables: in memory, or a workspace in PostgreSQL. The migrations run once a worker. */
export const openFreshDatabase = async (log?: Logger): Promise<Db> =>
  (await createFreshDatabase()).open(log);

/** @param file where it is, so that it can be opened again; without one it is gone once it is closed */
export async function createFreshDatabase(file?: string): Promise<FreshDatabase> {
  if (onPostgres) return createFreshWorkspace();
  migrated ??= migrate();
  const content = await migrated;
  if (!file) return { open: async (log) => openCopy(content, log) };
  writeFileSync(file, content);
  return { open: () => openDatabase(file) };
}

/** Rows that refer to none. PostgreSQL lets none be committed. */
export async function findBrokenReferences(db: Db): Promise<unknown[]> {
  return engineOf(db) === 'postgres' ? [] : (await sql`pragma foreign_key_check`.execute(db)).rows;
}

async function migrate(): Promise<Buffer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'winnow-tables-'));
  try {
    const file = path.join(folder, 'winnow.db');
    await (await openDatabase(file)).destroy();
    const database = new Sqlite(file);
    // A database with a write-ahead log cannot be opened in memory.
    database.pragma('journal_mode = DELETE');
    const content = database.serialize();
    database.close();
    return content;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
