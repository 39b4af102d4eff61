import { existsSync, mkdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { findErrorCode } from '../core/error-code.ts';
import { DatabaseInUseError, lockDatabase } from '../store/db/lock.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

/**
 * The database and its folder. What a file system can do is tried on a database beside it, which is removed:
 * nobody else can have locked that one.
 */

export interface DatabaseState {
  /** Another Winnow has it now. */
  isRunning: boolean;
  findings: Finding[];
}

const MB = 1_000_000;
const LITTLE = 200 * MB;

/** @param file the path of the database */
export function checkDatabase(file: string): DatabaseState {
  const folder = path.dirname(path.resolve(file));
  const broken = tryFolder(folder);
  if (broken) return { isRunning: false, findings: [broken] };
  const isRunning = existsSync(`${file}-lock`) && isInUse(file);
  const findings = [
    ...(existsSync(file) ? [describeFile(file, isRunning)] : [ok(`${file} will be made.`)]),
    describeSpace(folder),
  ];
  return { isRunning, findings };
}

/** @returns what the folder, or its file system, cannot do; undefined if nothing */
function tryFolder(folder: string): Finding | undefined {
  const scratch = path.join(folder, `.winnow-doctor-${process.pid}.db`);
  let database: Sqlite.Database | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    database = new Sqlite(scratch, { timeout: 0 });
    const mode = database.pragma('journal_mode = WAL', { simple: true });
    if (mode !== 'wal') return describeTrouble('SQLITE_IOERR_SHMMAP', folder);
    database.exec('begin exclusive; create table tried (content)');
    database.prepare('insert into tried values (zeroblob(1000000))').run();
    database.exec('commit');
    lockDatabase(scratch)();
    return undefined;
  } catch (error) {
    const code =
      error instanceof DatabaseInUseError ? 'SQLITE_BUSY' : (findErrorCode(error) ?? String(error));
    return describeTrouble(code, folder);
  } finally {
    database?.close();
    for (const end of ['', '-wal', '-shm', '-journal', '-lock', '-lock-journal']) {
      rmSync(`${scratch}${end}`, { force: true });
    }
  }
}

const LOCAL_DISK =
  'Put the database on a local disk, by DATABASE_URL: a network share or a Windows folder in a container cannot hold it.';

function describeTrouble(code: string, folder: string): Finding {
  if (/^(?:SQLITE_FULL|ENOSPC|EDQUOT)/.test(code)) {
    return fault(`The disk of ${folder} is full (${code}).`, 'Make room on it.');
  }
  if (/^SQLITE_(?:BUSY|PROTOCOL|IOERR_(?:LOCK|RDLOCK|UNLOCK|CHECKRESERVEDLOCK))/.test(code)) {
    return fault(`The file system of ${folder} has no locks (${code}).`, LOCAL_DISK);
  }
  if (/^SQLITE_IOERR_SHM/.test(code)) {
    return fault(`The file system of ${folder} has no shared memory (${code}).`, LOCAL_DISK);
  }
  return fault(
    `${folder} cannot be written (${code}).`,
    'Give the user that runs Winnow the folder to write in, or name another one in DATABASE_URL.',
  );
}

function isInUse(file: string): boolean {
  try {
    lockDatabase(file)();
    return false;
  } catch (error) {
    if (error instanceof DatabaseInUseError) return true;
    throw error;
  }
}

function describeFile(file: string, isRunning: boolean): Finding {
  const sizes = `${formatSize(sizeOf(file))}, with a write-ahead log of ${formatSize(sizeOf(`${file}-wal`))}`;
  if (isRunning) return ok(`Winnow is running on ${file} (${sizes}).`);
  let database: Sqlite.Database | undefined;
  try {
    database = new Sqlite(file, { fileMustExist: true });
    database.exec('begin immediate; rollback');
    return ok(`${file} can be read and written (${sizes}).`);
  } catch (error) {
    const code = findErrorCode(error) ?? String(error);
    if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')) {
      return fault(
        `${file} is no database, or a damaged one (${code}).`,
        'Restore a backup of it.',
      );
    }
    return fault(
      `${file} cannot be written (${code}).`,
      'Give the user that runs Winnow the file, and the folder that it is in.',
    );
  } finally {
    database?.close();
  }
}

const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

const formatSize = (bytes: number) =>
  bytes < 1_000 * MB ? `${(bytes / MB).toFixed(1)} MB` : `${(bytes / MB / 1_000).toFixed(1)} GB`;

function describeSpace(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const text = `${formatSize(free)} are free on its disk.`;
  return free < LITTLE
    ? warning(text, 'Make room: while the disk is full, nothing is collected.')
    : ok(text);
}
