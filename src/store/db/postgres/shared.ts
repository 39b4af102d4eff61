import { Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import { asLost } from './lost.ts';

/**
 * Tables that belong to no workspace: any number of statements at once. The error of a lost connection is the same as
 * in a workspace's lane.
 * @param pool is closed when this is destroyed
 */
export function openShared<T>(pool: pg.Pool): Kysely<T> {
  return new Kysely<T>({
    dialect: new PostgresDialect({
      pool: { options: {}, connect: () => borrow(pool), end: () => pool.end() },
    }),
  });
}

async function borrow(pool: pg.Pool): Promise<PostgresPoolClient> {
  let isLost = false;
  const attempt = async <R>(work: () => Promise<R>): Promise<R> => {
    try {
      return await work();
    } catch (error) {
      const lost = asLost(error);
      isLost ||= lost !== undefined;
      throw lost ?? error;
    }
  };
  const client = await attempt(() => pool.connect());
  const query = (text: string, values: unknown[]) => attempt(() => client.query(text, values));
  return {
    query: query as unknown as PostgresPoolClient['query'],
    release: () => client.release(isLost),
  };
}
