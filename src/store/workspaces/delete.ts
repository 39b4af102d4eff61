import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { engineOf } from '../db/engine.ts';
import { lockDatabase } from '../db/lock.ts';
import { deferReferences } from '../db/move-rows.ts';
import { listSharedTables } from '../db/postgres/workspace.ts';
import type { Db } from '../db/tables.ts';
import type { ControlDb, ControlTx } from './tables.ts';

/** A workspace is deleted for good: what it holds, and what the control database knows of it. See delete-ended.ts. */

/**
 * Deletes all rows of a workspace in PostgreSQL, also the one that says who owns it: if this process does, it has
 * lost the workspace by that. Destroy the database next. 100,000 messages take some seconds, most of them at the commit.
 */
export function deleteWorkspace(db: Db): Promise<void> {
  return db.transaction().execute(async (tx) => {
    await deferReferences(tx);
    for (const name of await listSharedTables(tx)) {
      // Row-level security says the same. This holds for a role that is above it, too.
      await sql`delete from ${sql.table(name)}
        where team = nullif(current_setting('winnow.team', true), '')`.execute(tx);
    }
  });
}

/**
 * Removes the database of a workspace in SQLite, with all that Winnow has put beside it: its log, an export, and
 * copies from before an update. What a restore has set aside is the operator's, and stays.
 * @throws DatabaseInUseError when a process works on it, this one or another
 */
export function deleteWorkspaceFiles(file: string): void {
  const unlock = lockDatabase(file);
  const folder = path.dirname(path.resolve(file));
  const name = path.basename(file);
  const remove = (ends: RegExp) => {
    for (const found of readdirSync(folder)) {
      if (!found.startsWith(name) || !ends.test(found.slice(name.length))) continue;
      rmSync(path.join(folder, found));
    }
  };
  try {
    remove(DATABASES);
  } finally {
    unlock();
  }
  remove(LOCKS);
}

/** How the names end of databases, of what SQLite keeps beside them, and of an export. */
const DATABASES = /^(?:(?:\.at-\d{4}-[a-z0-9-]+|\.restoring)?(?:-wal|-shm|-journal)?|-export)$/;
const LOCKS = /^-lock(?:-journal)?$/;

/**
 * Removes a workspace that has ended, and installations that have ended in all of their workspaces. Somebody who
 * installs the app again meanwhile waits until it is done, and begins anew.
 * @param endedBy in ms since 1970; one that ended later stays
 * @param deleteRows deletes what it holds; if that fails, everything can be done again
 * @returns false when it has not ended by then, was installed again, or another process is removing it
 */
export async function removeWorkspace(
  db: ControlDb,
  { team, endedBy }: { team: string; endedBy: number },
  deleteRows: () => Promise<void>,
): Promise<boolean> {
  const isRemoved = await db.transaction().execute(async (tx) => {
    if (!(await lockEnded(tx, team, endedBy))) return false;
    await deleteRows();
    await tx.deleteFrom('inbox').where('team', '=', team).execute();
    await tx.deleteFrom('workspaces').where('team', '=', team).execute();
    return true;
  });
  // By itself: somebody who installs the app again locks the installation first, and then the workspace.
  if (isRemoved) await removeEndedInstallations(db);
  return isRemoved;
}

/** Keeps a workspace that has ended from being installed again until the transaction is over. */
async function lockEnded(tx: ControlTx, team: string, endedBy: number): Promise<boolean> {
  const ended = tx
    .selectFrom('workspaces')
    .select('team')
    .where('team', '=', team)
    .where('ended_at', '<=', endedBy);
  // A transaction of SQLite has the whole file.
  if (engineOf(tx) === 'sqlite') return (await ended.executeTakeFirst()) !== undefined;
  // Meanwhile its rows are deleted on another connection.
  await sql`set local idle_in_transaction_session_timeout = 0`.execute(tx);
  return (await ended.forUpdate().skipLocked().executeTakeFirst()) !== undefined;
}

async function removeEndedInstallations(db: ControlDb): Promise<void> {
  await db
    .deleteFrom('installations')
    .where('ended_at', 'is not', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('workspaces')
            .select('team')
            .whereRef('workspaces.installation', '=', 'installations.id'),
        ),
      ),
    )
    .execute();
}
