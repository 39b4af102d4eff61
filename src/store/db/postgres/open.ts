import type { Clock } from '../../../core/clock.ts';
import type { Log } from '../../../core/log.ts';
import type { Db } from '../tables.ts';
import { type Ownership, takeOver } from './ownership.ts';
import { checkServer, createPool, type Limits, migrateTables } from './pool.ts';
import { fillWorkspace, openWorkspace } from './workspace.ts';

/** How many statements a process has the server work on at once. */
const CONNECTIONS = 10;

/**
 * Opens a workspace for this process only, and brings the tables up to date.
 * @param options.limits of statements and transactions, if not the usual ones
 * @param begun closes it again
 * @returns the database, and what to wait for before each call to Slack or Claude
 * @throws WorkspaceInUseError when another process has it, UnfitServerError; and the driver's errors (see lost.ts)
 */
export async function openWorkspaceAlone(
  url: string,
  team: string,
  {
    limits,
    ...options
  }: { takeOverMs: number; limits?: Limits; clock: Clock; log: Log; onLost(): void },
  begun: AsyncDisposableStack,
): Promise<{ db: Db; held: Ownership['held'] }> {
  const pool = createPool(url, { max: CONNECTIONS, ...(limits && { limits }) });
  begun.defer(() => pool.end());
  await checkServer(pool);
  const prepare = () => migrateTables(url);
  const ownership = await takeOver(url, team, { ...options, prepare });
  begun.defer(() => ownership.release());
  const guard = { epoch: ownership.epoch, onLost: options.onLost };
  const db = openWorkspace(pool, team, { guard, clock: options.clock });
  begun.defer(() => db.destroy());
  await fillWorkspace(db);
  return { db, held: ownership.held };
}
