import type pg from 'pg';
import { ask } from './lock-session.ts';

/**
 * How many processes share the workspaces of a database. Each holds the same lock, shared, for as long as its connection
 * lives, and the server says who holds it: nobody has to write that they live, or when.
 */

const KEY = `1464421966, 1`;

export const joinReplicas = (session: pg.Client) =>
  ask(session, `select pg_advisory_lock_shared(${KEY})`);

/** Others take over what this one has; it still works until they do. */
export const leaveReplicas = (session: pg.Client) =>
  ask(session, `select pg_advisory_unlock_shared(${KEY})`);

const COUNT = `select count(*) as replicas from pg_locks
  where locktype = 'advisory' and (classid, objid, objsubid) = (${KEY}, 2) and granted
    and database = (select oid from pg_database where datname = current_database())`;

export async function countReplicas(session: pg.Client): Promise<number> {
  const [row] = await ask<{ replicas: string }>(session, COUNT);
  return Number(row?.replicas);
}

/** Whether any process works for the workspaces of a database. */
export async function hasReplicas(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ replicas: string }>(COUNT);
  return Number(rows[0]?.replicas) > 0;
}
