import type { Log } from '../log.ts';

/** Why nothing can be stored: it is told of once, and everything that fails for it goes on by itself afterwards. */
export type StorageTrouble = 'full' | 'unreachable';

/** The server of the database does not answer, or has cut the connection: what was not committed is undone. */
export class UnreachableDatabaseError extends Error {
  /** Bolt puts an error without a code into another one. */
  readonly code = 'DATABASE_UNREACHABLE';

  constructor(cause: Error) {
    super(cause.message, { cause });
    this.name = 'UnreachableDatabaseError';
  }
}

/** No room on the disk, as SQLite, PostgreSQL and the system say it. */
const FULL = /^(?:SQLITE_FULL|53100|ENOSPC|EDQUOT)$/;

/** @returns what an error says of the storage, also one of several errors; null: nothing */
export function findStorageTrouble(error: unknown): StorageTrouble | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof UnreachableDatabaseError) return 'unreachable';
  if ('code' in error && FULL.test(String(error.code))) return 'full';
  const several = error instanceof AggregateError ? error.errors : [];
  for (const one of [...several, error.cause]) {
    const trouble = findStorageTrouble(one);
    if (trouble) return trouble;
  }
  return null;
}

/** What is logged when it is over. */
export const OVER: Record<StorageTrouble, string> = {
  full: 'there is room on the disk again',
  unreachable: 'the database can be reached again',
};

/** What the process knows of the place where it stores everything. */
export class Storage {
  trouble: StorageTrouble | null = null;

  /**
   * A log that tells once that nothing can be stored. Each event, press and job that fails for it says so again:
   * these lines are only for debugging.
   */
  quieten(log: Log): Log {
    const unless =
      (write: Log['error']): Log['error'] =>
      (fields, message) => {
        const err = 'err' in fields ? fields.err : undefined;
        const trouble = findStorageTrouble(err);
        if (!trouble) return write(fields, message);
        log.debug(fields, message);
        if (this.trouble === trouble) return;
        this.trouble = trouble;
        if (trouble === 'full') {
          log.error(
            { err },
            'the disk of the database is full: nothing is stored until there is room',
          );
        } else {
          log.error({ err }, 'the database cannot be reached: nothing is stored until it can');
        }
      };
    return {
      debug: (fields, message) => log.debug(fields, message),
      info: (fields, message) => log.info(fields, message),
      warn: unless((fields, message) => log.warn(fields, message)),
      error: unless((fields, message) => log.error(fields, message)),
    };
  }
}
