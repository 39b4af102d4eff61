import {
  HandleEmptyInListsPlugin,
  Kysely,
  type Logger,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  replaceWithNoncontingentExpression,
} from 'kysely';
import pg from 'pg';
import { migrate } from '../migrate.ts';
import type { Db, Tables } from '../tables.ts';
import { conflictsWithin } from './conflicts.ts';

/**
 * A workspace in PostgreSQL. All workspaces share their tables; the setting `winnow.team` of a connection says
 * whose rows it reads and writes (see docs/decisions/workspaces-share-tables.md).
 */

const { builtins } = pg.types;

/** As SQLite gives them: whole numbers, sums and averages as numbers, true as 1. */
const NUMBERS = new Map<number, (value: string) => number>([
  [builtins.INT8, Number],
  [builtins.NUMERIC, Number],
  [builtins.BOOL, (value) => (value === 't' ? 1 : 0)],
]);

const types: pg.CustomTypesConfig = {
  getTypeParser: (id, format) =>
    NUMBERS.get(id) ?? (pg.types.getTypeParser(id, format as 'text') as never),
};

/** @param url `postgres://…` */
export const createPool = (url: string, options: pg.PoolConfig = {}): pg.Pool =>
  new pg.Pool({ connectionString: url, types, ...options });

/** Brings the tables of all workspaces up to date. @throws when a migration fails */
export async function migrateTables(pool: pg.Pool): Promise<void> {
  const dialect = new PostgresDialect({
    pool: { connect: () => pool.connect(), end: async () => {}, options: {} },
  });
  await migrate(new Kysely({ dialect }), 'postgres');
}

/**
 * The database of one workspace. It has one statement or transaction at a time, as with SQLite.
 * @param pool is shared with other workspaces, and stays open when this is destroyed
 * @param team the workspace's id
 * @param log hears of each statement
 */
export async function openWorkspace(pool: pg.Pool, team: string, log?: Logger): Promise<Db> {
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: createLane(pool, team) }),
    plugins: [
      conflictsWithin('team'),
      // `in ()` is true of nothing; PostgreSQL does not know it.
      new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression }),
    ],
    ...(log && { log }),
  });
  await db.transaction().execute(async (tx) => {
    // A row that SQLite's migrations make.
    const known = await tx.selectFrom('indexed_verdicts').select('up_to').executeTakeFirst();
    if (!known) await tx.insertInto('indexed_verdicts').values({ up_to: 0 }).execute();
  });
  return db;
}

/** Which workspace each connection is set to. */
const teams = new WeakMap<pg.PoolClient, string>();

function createLane(pool: pg.Pool, team: string): PostgresPool {
  let last = Promise.resolve();
  return {
    options: {},
    async connect() {
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      const turn = last;
      last = turn.then(() => released);
      await turn;
      try {
        const client = await pool.connect();
        await enter(client, team);
        return wrap(client, release);
      } catch (error) {
        release();
        throw error;
      }
    },
    end: () => last,
  };
}

async function enter(client: pg.PoolClient, team: string): Promise<void> {
  if (teams.get(client) === team) return;
  teams.delete(client);
  try {
    await client.query(`select set_config('winnow.team', $1, false)`, [team]);
  } catch (error) {
    client.release(true);
    throw error;
  }
  teams.set(client, team);
}

/** What a connection has prepared: the name of each statement. */
const prepared = new WeakMap<pg.PoolClient, Map<string, string>>();

/** The server keeps a plan of each, for as long as the connection lives. */
const PREPARED_AT_MOST = 300;

/** Statements with long lists hardly ever come twice with lists of the same length. */
const PREPARED_LENGTH = 2_000;

/** Prepared, a statement takes half of the server's time. @returns undefined for one that is not worth it */
function nameStatement(client: pg.PoolClient, text: string): string | undefined {
  if (text.length > PREPARED_LENGTH) return undefined;
  const names = prepared.get(client) ?? new Map<string, string>();
  prepared.set(client, names);
  if (!names.has(text) && names.size < PREPARED_AT_MOST) names.set(text, `s${names.size}`);
  return names.get(text);
}

function wrap(client: pg.PoolClient, released: () => void): PostgresPoolClient {
  return {
    query: (async (text: string, values: readonly unknown[]) => {
      const name = values.length > 0 ? nameStatement(client, text) : undefined;
      const result = await client.query({
        text,
        values: values.map(withoutNul),
        ...(name && { name }),
      });
      // Nobody has to know whose rows they are.
      if (result.fields?.some(({ name }) => name === 'team')) {
        for (const row of result.rows) delete row.team;
      }
      return result;
    }) as unknown as PostgresPoolClient['query'],
    release(destroy) {
      client.release(destroy);
      released();
    },
  };
}

/** PostgreSQL refuses the sign with the number 0 in texts. */
const withoutNul = (value: unknown) =>
  typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '') : value;
