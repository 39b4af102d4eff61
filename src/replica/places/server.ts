import type pg from 'pg';
import type { Clock } from '../../core/clock.ts';
import type { DatabasePlace } from '../../core/database-place.ts';
import type { Log } from '../../core/log.ts';
import { type Locks, openLocks } from '../../store/db/postgres/locks.ts';
import { passIfLost } from '../../store/db/postgres/lost.ts';
import { listen, type Notice, notify } from '../../store/db/postgres/notices.ts';
import { createPool, migrateTables } from '../../store/db/postgres/pool.ts';
import { countReplicas, joinReplicas, leaveReplicas } from '../../store/db/postgres/replicas.ts';
import { fillWorkspace, openWorkspace } from '../../store/db/postgres/workspace.ts';
import { openControl } from '../../store/workspaces/open.ts';
import type { Place } from './place.ts';

/** How many statements a process has the server work on at once. */
const CONNECTIONS = 10;

/**
 * Opens a server that several processes share.
 * @param hear is told what this and other processes say; also once nothing was heard for a while
 * @throws UnfitServerError, and the driver's errors (see lost.ts)
 */
export async function openServer(
  database: DatabasePlace & { kind: 'postgres' },
  { clock, log, hear }: { clock: Clock; log: Log; hear: (notice: Notice) => void },
  begun: AsyncDisposableStack,
) {
  const control = await openControl(database);
  begun.defer(() => control.destroy());
  await migrateTables(database.url);
  const pool = createPool(database.url, { max: CONNECTIONS });
  begun.defer(() => pool.end());
  const locks = await openLocks(database.url, {
    ...{ clock, log },
    async onConnected(session) {
      await joinReplicas(session);
      await listen(session, hear);
      hear({ kind: 'workspaces' });
    },
  });
  begun.defer(() => locks.close());
  return {
    place: createPlace(pool, locks, clock),
    control,
    notify: (notice: Notice) => notify(control, notice),
  };
}

/**
 * Workspaces share the tables of a PostgreSQL server. Whoever holds the lock of one works for it.
 * @param pool all workspaces have their statements on its connections
 * @param locks their connection has joined the replicas
 */
const createPlace = (pool: pg.Pool, locks: Locks, clock: Clock): Place => ({
  countReplicas: () => locks.ask(countReplicas),
  listFree: (teams) => locks.listFree(teams),
  take: (teams) => locks.lock(teams),
  async open(team, begun, onLost) {
    const epoch = await locks.own(team, onLost);
    const db = openWorkspace(pool, team, { guard: { epoch, onLost }, clock });
    begun.defer(() => db.destroy());
    await fillWorkspace(db);
    return { db, held: (signal) => locks.held(team, signal) };
  },
  release: (team) => locks.release(team),
  async leave() {
    // Without its connection, it counts no more.
    await locks.ask(leaveReplicas).catch(passIfLost);
  },
});
