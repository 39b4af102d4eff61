import type { Clock } from '../../../core/clock.ts';
import type { Log } from '../../../core/log.ts';
import type { Db } from '../tables.ts';
import { type Ownership, takeOver } from './ownership.ts';
import { checkServer, createPool, type Limits, migrateTables } from './pool.ts';
import { fillWorkspace, openWorkspace } from './workspace.ts';

/** How many statements a process has the server work on at once. */
const CONNECTIONS = 10;

interface Options {
  takeOverMs: number;
  clock: Clock;
  log: Log;
  onLost(): void;
}

interface Opened {
  db: Db;
  /** Is to be waited for before each call to Slack or Claude. */
  held: Ownership['held'];
}

/**
 * Opens a workspace for this process only, and brings the tables up to date.
 * @param begun closes it again
 * @throws WorkspaceInUseError when another process has it, UnfitServerError; and the driver's errors (see lost.ts)
 */
export async function openWorkspaceAlone(
  url: string,
  team: string,
  options: Options,
  begun: AsyncDisposableStack,
): Promise<Opened> {
  const prepare = () => migrateTables(url);
  const opened = await openWorkspaceAsItIs(url, team, { ...options, prepare }, begun);
  await fillWorkspace(opened.db);
  return opened;
}

/**
 * As `openWorkspaceAlone`, whichever version has changed the tables: for what does not depend on their columns.
 * @param options.limits of statements and transactions, if not the usual ones
 * @param options.prepare is called once the workspace is this process' own, before anything is written
 */
export async function openWorkspaceAsItIs(
  url: string,
  team: string,
  {
    limits,
    prepare = async () => {},
    ...options
  }: Options & { limits?: Limits; prepare?: () => Promise<void> },
  begun: AsyncDisposableStack,
): Promise<Opened> {
  const pool = createPool(url, { max: CONNECTIONS, ...(limits && { limits }) });
  begun.defer(() => pool.end());
  await checkServer(pool);
  const ownership = await takeOver(url, team, { ...options, prepare });
  begun.defer(() => ownership.release());
  const guard = { epoch: ownership.epoch, onLost: options.onLost };
  const db = openWorkspace(pool, team, { guard, clock: options.clock });
  begun.defer(() => db.destroy());
  return { db, held: ownership.held };
}
