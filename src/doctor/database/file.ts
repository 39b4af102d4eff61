import { existsSync, statfsSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { findErrorCode } from '../../core/error-code.ts';
import { findOtherOwner, isForeign } from '../../store/db/check-file.ts';
import { describeUnfit, findUnfit } from '../../store/db/file-system.ts';
import { DatabaseInUseError, lockDatabase } from '../../store/db/lock.ts';
import type { Schema } from '../../store/db/migrate.ts';
import { sizeOf } from '../../store/db/size.ts';
import { type Finding, fault, ok, warning } from '../finding.ts';

/** The database, its file system, and who uses it. */

export interface DatabaseState {
  /** Another Winnow has it now. */
  isRunning: boolean;
  /** There is nothing in it to read yet. */
  isEmpty: boolean;
  /** It cannot be read, or is not Winnow's. */
  isBroken: boolean;
  findings: Finding[];
}

const MB = 1_000_000;
const LITTLE = 200 * MB;

/** @param file the path of the database */
export function checkDatabase(file: string, schema: Schema = 'sqlite'): DatabaseState {
  const folder = path.dirname(path.resolve(file));
  const unfit = findUnfit(folder);
  if (unfit) {
    const findings = [fault(...describeUnfit(folder, unfit))];
    return { isRunning: false, isEmpty: true, isBroken: false, findings };
  }
  const space = describeSpace(folder);
  if (!existsSync(file)) {
    const findings = [ok(`${file} will be made.`), space];
    return { isRunning: false, isEmpty: true, isBroken: false, findings };
  }
  const isRunning = existsSync(`${file}-lock`) && isInUse(file);
  const found = describeFile(file, isRunning, schema);
  return {
    ...{ isRunning, isEmpty: false, isBroken: found.state === 'fault' },
    findings: [found, space],
  };
}

/** A lock that cannot be opened is nobody's: the database beside it cannot be either, and says so. */
function isInUse(file: string): boolean {
  try {
    lockDatabase(file)();
    return false;
  } catch (error) {
    return error instanceof DatabaseInUseError;
  }
}

function describeFile(file: string, isRunning: boolean, schema: Schema): Finding {
  const sizes = `${formatSize(sizeOf(file))}, with a write-ahead log of ${formatSize(sizeOf(`${file}-wal`))}`;
  if (isRunning) return ok(`Winnow is running on ${file} (${sizes}).`);
  let database: Sqlite.Database | undefined;
  try {
    database = new Sqlite(file, { fileMustExist: true });
    if (isForeign(database, schema)) {
      return fault(
        `${file} is the database of another program.`,
        'Name another file in DATABASE_URL.',
      );
    }
    // Opened read-only, SQLite begins a transaction all the same, and fails at the first change.
    database.exec('begin immediate; create table doctor_was_here (content); rollback');
    return ok(`${file} can be read and written (${sizes}).`);
  } catch (error) {
    return (
      describeDamage(file, error) ??
      fault(
        `${file} cannot be written (${codeOf(error)}).`,
        'Give the user that runs Winnow the file, its -lock, and the folder that they are in.',
      )
    );
  } finally {
    database?.close();
  }
}

/** @returns that a file is damaged; undefined when it may be whole */
function describeDamage(file: string, error: unknown): Finding | undefined {
  const code = codeOf(error);
  if (!code.startsWith('SQLITE_NOTADB') && !code.startsWith('SQLITE_CORRUPT')) return undefined;
  return fault(
    `${file} is no database, or a damaged one (${code}).`,
    'Bring a copy back: stop the bot, then npm run restore -- FILE.',
  );
}

const codeOf = (error: unknown): string => findErrorCode(error) ?? String(error);

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

/**
 * What keeps a database from being used with this token. While a bot runs, `checkDatabase` does not open it.
 * @returns undefined when it is the workspace's, or when no bot has said whose it is
 */
export function findMisfit(file: string, team: string): Finding | undefined {
  let database: Sqlite.Database | undefined;
  try {
    database = new Sqlite(file, { readonly: true, fileMustExist: true });
    const other = findOtherOwner(database, team);
    return other
      ? fault(
          `${file} cannot be used: ${other.message}.`,
          'Name another file in DATABASE_URL, or take the SLACK_BOT_TOKEN of that workspace.',
        )
      : undefined;
  } catch (error) {
    return (
      describeDamage(file, error) ??
      fault(
        `${file} cannot be read (${codeOf(error)}).`,
        'Run npm run doctor as the user that runs Winnow.',
      )
    );
  } finally {
    database?.close();
  }
}
