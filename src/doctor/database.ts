import { existsSync, statfsSync, statSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { findErrorCode } from '../core/error-code.ts';
import { describeUnfit, findUnfit } from '../store/db/file-system.ts';
import { DatabaseInUseError, lockDatabase } from '../store/db/lock.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

/** The database, its file system, and who uses it. */

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
  const unfit = findUnfit(folder);
  if (unfit) return { isRunning: false, findings: [fault(...describeUnfit(folder, unfit))] };
  const isRunning = existsSync(`${file}-lock`) && isInUse(file);
  const findings = [
    ...(existsSync(file) ? [describeFile(file, isRunning)] : [ok(`${file} will be made.`)]),
    describeSpace(folder),
  ];
  return { isRunning, findings };
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
