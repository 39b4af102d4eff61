import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { sql } from 'kysely';
import { findErrorCode } from '../../core/error-code.ts';
import { CopyError, formatTime, isSameFile, removeFiles, SIDECARS } from './backup.ts';
import { findFault } from './check-file.ts';
import { engineOf } from './engine.ts';
import { DatabaseInUseError, lockDatabase } from './lock.ts';
import type { Db } from './tables.ts';

/**
 * Puts a copy in the place of a database that no bot uses. The database before is kept aside, with its log. The
 * bot knows at its next start that Slack may have newer posts of its own.
 * @returns where the database before is; undefined if there was none
 * @throws CopyError: nothing was changed
 * @throws when a file cannot be read or written
 */
export function restoreDatabase(copy: string, file: string, now: number): string | undefined {
  const given = statSync(copy, { throwIfNoEntry: false });
  if (!given) throw new CopyError('it is not there');
  if (given.isDirectory()) throw new CopyError('it is a folder: name a copy in it');
  if (isSameFile(copy, file)) throw new CopyError('it is the database itself: name a copy of it');
  const unlock = lockAlone(file);
  const prepared = `${file}.restoring`;
  try {
    prepare(copy, prepared);
    const aside = existsSync(file) ? `${file}.before-${formatTime(now)}` : undefined;
    if (aside) move(file, aside);
    for (const end of SIDECARS) {
      if (aside && existsSync(`${file}${end}`)) move(`${file}${end}`, `${aside}${end}`);
    }
    move(prepared, file);
    return aside;
  } finally {
    removeFiles(prepared);
    unlock();
  }
}

function lockAlone(file: string): () => void {
  try {
    return lockDatabase(file);
  } catch (error) {
    if (!(error instanceof DatabaseInUseError)) throw error;
    throw new CopyError(`Winnow is running on ${file}: stop it first`);
  }
}

/** In the header of a restored database, until the bot has looked for newer posts of its own. */
const RESTORED = 1;

/** Copies what is to be restored, with its own log if that lies beside it, and checks it. */
function prepare(copy: string, prepared: string): void {
  removeFiles(prepared);
  mkdirSync(path.dirname(path.resolve(prepared)), { recursive: true });
  copyFileSync(copy, prepared);
  // A copy may be kept for reading only.
  chmodSync(prepared, statSync(prepared).mode | 0o600);
  if (existsSync(`${copy}-wal`)) copyFileSync(`${copy}-wal`, `${prepared}-wal`);
  const fault = findFault(prepared);
  if (fault) throw new CopyError(fault);
  const database = new Sqlite(prepared);
  try {
    database.pragma(`user_version = ${RESTORED}`);
    // All of it is in the one file then.
    database.pragma('journal_mode = delete');
  } finally {
    database.close();
  }
}

/** A file that is mounted on its own cannot be renamed: its content is replaced. */
function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (findErrorCode(error) !== 'EBUSY') throw error;
    copyFileSync(from, to);
  }
}

/** Whether the file was restored, and newer posts were not looked for since. */
export async function isRestored(db: Db): Promise<boolean> {
  if (engineOf(db) === 'postgres') return false;
  const { rows } = await sql<{ user_version: number }>`pragma user_version`.execute(db);
  return rows[0]?.user_version === RESTORED;
}

/** Newer posts were looked for everywhere. */
export async function endRestoring(db: Db): Promise<void> {
  if (engineOf(db) === 'postgres') return;
  await sql`pragma user_version = 0`.execute(db);
}
