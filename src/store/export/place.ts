import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findDatabaseFile } from '../db/file-system.ts';
import type { Db } from '../db/tables.ts';

/**
 * Where the file of an export is written: beside the database, where the next start finds what a bot has
 * left that was killed meanwhile. A database in memory ends with its bot, and its file is somewhere else
 * each time.
 */
export async function findPlace(db: Db): Promise<string> {
  const file = await findDatabaseFile(db);
  return file ? `${file}-export` : path.join(tmpdir(), `winnow-export-${randomUUID()}`);
}
