import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { sql } from 'kysely';
import { findErrorCode } from '../../core/error-code.ts';
import { engineOf } from './engine.ts';
import type { Db } from './tables.ts';

/** What a file system cannot do that the database needs. */
export interface Unfit {
  kind: 'full' | 'no locks' | 'no shared memory' | 'not writable';
  /** Of SQLite or of the system, such as `SQLITE_FULL`. */
  code: string;
}

/** Beside the database: nobody else can have it open, or have locked it. */
const scratchIn = (folder: string) => path.join(folder, `.winnow-${process.pid}.db`);

const SIDECARS = ['', '-wal', '-shm', '-journal', '-lock', '-lock-journal'];

/**
 * Tries all that the database needs on another one beside it, which is removed.
 * @returns what the file system cannot do; undefined if nothing
 */
export function findUnfit(folder: string): Unfit | undefined {
  const scratch = scratchIn(folder);
  let database: Sqlite.Database | undefined;
  let lock: Sqlite.Database | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    database = new Sqlite(scratch, { timeout: 0 });
    const mode = database.pragma('journal_mode = WAL', { simple: true });
    if (mode !== 'wal') return { kind: 'no shared memory', code: 'SQLITE_IOERR_SHMMAP' };
    database.exec('begin exclusive; create table tried (content)');
    database.prepare('insert into tried values (zeroblob(1000000))').run();
    database.exec('commit');
    lock = new Sqlite(`${scratch}-lock`, { timeout: 0 });
    lock.exec('begin exclusive');
    return undefined;
  } catch (error) {
    const code = findErrorCode(error) ?? String(error);
    return { kind: kindOf(code), code };
  } finally {
    lock?.close();
    database?.close();
    if (database) for (const end of SIDECARS) rmSync(`${scratch}${end}`, { force: true });
  }
}

function kindOf(code: string): Unfit['kind'] {
  if (/^(?:SQLITE_FULL|ENOSPC|EDQUOT)/.test(code)) return 'full';
  if (/^SQLITE_IOERR_SHM/.test(code)) return 'no shared memory';
  if (/^SQLITE_(?:BUSY|PROTOCOL|IOERR_(?:LOCK|RDLOCK|UNLOCK|CHECKRESERVEDLOCK))/.test(code)) {
    return 'no locks';
  }
  return 'not writable';
}

const LOCAL_DISK =
  'Put the database on a local disk, by DATABASE_URL: a network share or a Windows folder in a container cannot hold it.';

/** In a sentence; and the step that mends it. */
export function describeUnfit(folder: string, { kind, code }: Unfit): [text: string, step: string] {
  switch (kind) {
    case 'full':
      return [`The disk of ${folder} is full (${code}).`, 'Make room on it.'];
    case 'no locks':
      return [`The file system of ${folder} has no locks (${code}).`, LOCAL_DISK];
    case 'no shared memory':
      return [`The file system of ${folder} has no shared memory (${code}).`, LOCAL_DISK];
    case 'not writable':
      return [
        `${folder} cannot be written (${code}).`,
        'Give the user that runs Winnow the folder to write in, or name another one in DATABASE_URL.',
      ];
    default:
      return kind satisfies never;
  }
}

/** The file of a database; undefined for one in memory, and in PostgreSQL. */
export async function findDatabaseFile(db: Db): Promise<string | undefined> {
  if (engineOf(db) === 'postgres') return undefined;
  const { rows } = await sql<{ name: string; file: string }>`pragma database_list`.execute(db);
  return rows.find(({ name }) => name === 'main')?.file || undefined;
}
