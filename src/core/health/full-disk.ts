import type { Log } from '../log.ts';

/** A disk without room: it is told of once, and everything that fails for it goes on by itself afterwards. */

/** Of SQLite, and of the system. */
const CODES = /^(?:SQLITE_FULL|ENOSPC|EDQUOT)$/;

/** Whether something failed because there was no room on the disk, also if it was one of several failures. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && CODES.test(String(error.code))) return true;
  if (error instanceof AggregateError && error.errors.some(isDiskFull)) return true;
  return isDiskFull(error.cause);
}

/** What the process knows of the disk of its database. */
export class Disk {
  isFull = false;

  /**
   * A log that tells once that the disk is full. Each event, press and job that fails for it says so again: these
   * lines are only for debugging.
   */
  quieten(log: Log): Log {
    const unless =
      (write: Log['error']): Log['error'] =>
      (fields, message) => {
        if (!('err' in fields && isDiskFull(fields.err))) return write(fields, message);
        log.debug(fields, message);
        if (this.isFull) return;
        this.isFull = true;
        log.error(
          { err: fields.err },
          'the disk of the database is full: nothing is stored until there is room',
        );
      };
    return {
      debug: (fields, message) => log.debug(fields, message),
      info: (fields, message) => log.info(fields, message),
      warn: unless((fields, message) => log.warn(fields, message)),
      error: unless((fields, message) => log.error(fields, message)),
    };
  }
}
