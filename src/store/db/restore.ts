import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { sql } from 'kysely';
import { SECOND_MS } from '../../core/durations.ts';
import { findErrorCode } from '../../core/error-code.ts';
import { CopyError, formatTime, isSameFile, removeFiles, SIDECARS } from './backup.ts';
import { findFault, findOtherOwner } from './check-file.ts';
import { engineOf } from './engine.ts';
import { DatabaseInUseError, lockDatabase } from './lock.ts';
import type { Schema } from './migrate.ts';
import type { Db } from './tables.ts';

/**
 * Puts a copy in the place of a database that no bot uses. The database before is kept aside, with its log. The
 * bot knows at its next start that Slack may have newer posts of its own.
 * @param team whose it is to be; undefined: whoever's it is
 * @returns where the database before is; undefined if there was none
 * @throws CopyError: nothing was changed
 * @throws when a file cannot be read or written
 */
export function restoreDatabase(
  copy: string,
  file: string,
  { now, team }: { now: number; team?: string },
): string | undefined {
  const given = statSync(copy, { throwIfNoEntry: false });
  if (!given) throw new CopyError('it is not there');
  if (given.isDirectory()) throw new CopyError('it is a folder: name a copy in it');
  if (isSameFile(copy, file)) throw new CopyError('it is the database itself: name a copy of it');
  const aside = `${file}${restoreFiles([{ copy, file, schema: 'sqlite', team }], now)}`;
  return existsSync(aside) ? aside : undefined;
}

interface Restored {
  copy: string;
  file: string;
  schema: Schema;
  /** The workspace whose it is to be. */
  team?: string | undefined;
  /** Changes what the copy says before it comes into its place. */
  change?(database: Sqlite.Database): void;
}

/**
 * Puts copies in the place of databases that belong together. All are checked first. The first one is set aside first
 * and comes back last: after a crash in between nobody can open it until all of this was done again.
 * @returns what the names of the databases before end in
 * @throws as `restoreDatabase`
 */
export function restoreFiles(all: readonly Restored[], now: number): string {
  const unlocks: (() => void)[] = [];
  const removePrepared = () => {
    for (const { file } of all) removeFiles(preparedOf(file));
  };
  try {
    for (const { file } of all) unlocks.push(lockAlone(file));
    try {
      for (const restored of all) {
        const fault = prepare(restored);
        if (fault) throw new CopyError(all.length > 1 ? `${restored.copy}: ${fault}` : fault);
      }
    } catch (error) {
      removePrepared();
      throw error;
    }
    const end = findEnd(all, now);
    for (const { file } of all) setAside(file, end);
    for (const { file } of [...all].reverse()) move(preparedOf(file), file);
    removePrepared();
    return end;
  } finally {
    for (const unlock of unlocks) unlock();
  }
}

const preparedOf = (file: string) => `${file}.restoring`;

/** Whether a restore was broken off between setting the database aside and putting the copy in its place. */
export const isHalfRestored = (file: string): boolean =>
  !existsSync(file) && existsSync(preparedOf(file));

/** What is aside already, such as that of a restore that was broken off, stays. */
function findEnd(all: readonly Restored[], now: number): string {
  const end = `.before-${formatTime(now)}`;
  const isTaken = all.some(({ file }) => existsSync(`${file}${end}`));
  return isTaken ? findEnd(all, now + SECOND_MS) : end;
}

function setAside(file: string, end: string): void {
  for (const sidecar of ['', ...SIDECARS]) {
    if (existsSync(`${file}${sidecar}`)) move(`${file}${sidecar}`, `${file}${end}${sidecar}`);
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

/**
 * Copies what is to be restored, with its own log if that lies beside it, and checks it.
 * @returns what is wrong with it; undefined if nothing
 */
function prepare({ copy, file, schema, team, change }: Restored): string | undefined {
  const prepared = preparedOf(file);
  removeFiles(prepared);
  mkdirSync(path.dirname(path.resolve(prepared)), { recursive: true });
  copyFileSync(copy, prepared);
  // A copy may be kept for reading only.
  chmodSync(prepared, statSync(prepared).mode | 0o600);
  if (existsSync(`${copy}-wal`)) copyFileSync(`${copy}-wal`, `${prepared}-wal`);
  const fault = findFault(prepared, schema);
  if (fault) return fault;
  const database = new Sqlite(prepared);
  try {
    const other = findOtherOwner(database, team);
    if (other) return other.message;
    if (schema !== 'control') database.pragma(`user_version = ${RESTORED}`);
    change?.(database);
    // All of it is in the one file then.
    database.pragma('journal_mode = delete');
  } finally {
    database.close();
  }
  return undefined;
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
