import type pg from 'pg';

/**
 * How many processes share the workspaces of a database. Each holds the same lock, shared, for as long as its connection
 * lives, and the server says who holds it: nobody has to write that they live, or when.
 */

const KEY = `1464421966, 1`;

export const joinReplicas = (session: pg.Client) =>
  session.query(`select pg_advisory_lock_shared(${KEY})`);

/** Others take over what this one has; it still works until they do. */
export const leaveReplicas = (session: pg.Client) =>
  session.query(`select pg_advisory_unlock_shared(${KEY})`);

export async function countReplicas(session: Pick<pg.Client, 'query'>): Promise<number> {
  const { rows } = await session.query<{ replicas: string }>(
    `select count(*) as replicas from pg_locks
      where locktype = 'advisory' and (classid, objid, objsubid) = (${KEY}, 2) and granted
        and database = (select oid from pg_database where datname = current_database())`,
  );
  return Number(rows[0]?.replicas);
}
