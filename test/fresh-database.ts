import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Logger } from 'kysely';
import { openCopy, openDatabase } from '../src/store/db/open.ts';
import type { Db } from '../src/store/db/tables.ts';

let migrated: Promise<Buffer> | undefined;

/** A database in memory with all tables. The migrations run once a worker; what follows are copies. */
export async function openFreshDatabase(log?: Logger): Promise<Db> {
  migrated ??= migrate();
  return openCopy(await migrated, log);
}

/** The same as a file, which can be opened again. */
export async function writeFreshDatabase(file: string): Promise<void> {
  migrated ??= migrate();
  writeFileSync(file, await migrated);
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
