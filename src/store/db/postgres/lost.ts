import { UnreachableDatabaseError } from '../../../core/health/storage.ts';

/**
 * Codes of the system, and of PostgreSQL: a connection is lost (08), the server stops or starts (57P), has no
 * connection left (53300), or only reads, as one that waits to take over (25006).
 */
const LOST =
  /^(?:ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|08\w{3}|57P0[1-5]|25P0[34]|25006|53300)$/;

/** The driver has no codes for these. */
const LOST_WORDS =
  /^(?:Connection terminated|Query read timeout|Client has encountered a connection error|Client was closed|timeout e(?:xceeded|xpired)|server closed the connection|connect )/;

/** Whether a table that is to be changed is in use for long: later, the same may succeed. See migrateTables. */
export const isTableInUse = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '55P03';

/** For a statement whose effect ends with its connection anyway. @throws any other error */
export function passIfLost(error: unknown): void {
  if (!asLost(error)) throw error;
}

/**
 * @returns the error of a connection that is lost or cannot be had: on another one, or later, the same may succeed;
 * undefined for any other error
 */
export function asLost(error: unknown): UnreachableDatabaseError | undefined {
  if (error instanceof UnreachableDatabaseError) return error;
  if (!(error instanceof Error)) return undefined;
  // A pooler that does not know a setting has the code of a lost connection, and never will.
  if (error.message.includes('unsupported startup parameter')) return undefined;
  const isLost =
    LOST.test(String((error as NodeJS.ErrnoException).code)) || LOST_WORDS.test(error.message);
  if (isLost) return new UnreachableDatabaseError(error);
  const [first] = error instanceof AggregateError ? error.errors : [];
  return first && asLost(first) ? new UnreachableDatabaseError(first) : undefined;
}
