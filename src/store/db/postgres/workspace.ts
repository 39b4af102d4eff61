import {
  HandleEmptyInListsPlugin,
  Kysely,
  type Logger,
  PostgresDialect,
  replaceWithNoncontingentExpression,
  sql,
} from 'kysely';
import type pg from 'pg';
import type { Clock } from '../../../core/clock.ts';
import type { Db, Tables, Tx } from '../tables.ts';
import { conflictsWithin } from './conflicts.ts';
import { createLane, type Guard } from './lane.ts';

/**
 * A workspace in PostgreSQL. All workspaces share their tables; the setting `winnow.team` of a connection says
 * whose rows it reads and writes (see docs/decisions/workspaces-share-tables.md).
 */

/**
 * The database of one workspace. It has one statement or transaction at a time, as with SQLite.
 * @param pool is shared with other workspaces, and stays open when this is destroyed
 * @param team the workspace's id
 * @param options.guard refuses to write once another process has the workspace; without one, anybody writes
 * @param options.clock lets it try again for a moment when the server does not answer
 * @param options.log hears of each statement
 */
export function openWorkspace(
  pool: pg.Pool,
  team: string,
  { guard, clock, log }: { guard?: Guard; clock?: Clock; log?: Logger } = {},
): Db {
  return new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: createLane({ pool, team, guard, clock }) }),
    plugins: [
      conflictsWithin('team'),
      // `in ()` is true of nothing; PostgreSQL does not know it.
      new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression }),
    ],
    ...(log && { log }),
  });
}

/** Gives a new workspace the row that SQLite's migrations make. */
export function fillWorkspace(db: Db): Promise<void> {
  return db.transaction().execute(async (tx) => {
    const known = await tx.selectFrom('indexed_verdicts').select('up_to').executeTakeFirst();
    if (!known) await tx.insertInto('indexed_verdicts').values({ up_to: 0 }).execute();
  });
}

/** The tables that workspaces share: all of them are protected. Those of the control database are beside them. */
export async function listSharedTables(db: Db | Tx): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relrowsecurity and relnamespace = current_schema::regnamespace order by 1`.execute(db);
  return rows.map(({ name }) => name);
}
