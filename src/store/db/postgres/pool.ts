import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { SECOND_MS } from '../../../core/durations.ts';
import { migrate } from '../migrate.ts';

/** Connections to PostgreSQL, which all workspaces of a process share. */

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

/** A server that does not answer is not waited for. The driver's limit is for one that is gone without a word. */
const LIMITS = {
  connectionTimeoutMillis: 5 * SECOND_MS,
  statement_timeout: 60 * SECOND_MS,
  query_timeout: 65 * SECOND_MS,
  idle_in_transaction_session_timeout: 60 * SECOND_MS,
  keepAlive: true,
} satisfies pg.PoolConfig;

/** For changes of the tables, which take as long as they take. */
const PATIENT = {
  ...{ max: 1, statement_timeout: 0, query_timeout: 0, idle_in_transaction_session_timeout: 0 },
} satisfies pg.PoolConfig;

/** @param url `postgres://…`, also with options such as `sslmode` */
export function createPool(url: string, options: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({
    ...{ connectionString: url, types, application_name: 'winnow' },
    ...LIMITS,
    ...options,
  });
  // A connection that is lost while nothing runs on it leaves the pool, or fails at its next statement.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** Brings the tables of all workspaces up to date. @throws when a migration fails */
export async function migrateTables(url: string): Promise<void> {
  const pool = createPool(url, PATIENT);
  try {
    await migrate(new Kysely({ dialect: new PostgresDialect({ pool }) }), 'postgres');
  } finally {
    await pool.end();
  }
}

/** @returns such as `15.4` */
export async function readVersion(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ version: string }>(
    `select split_part(current_setting('server_version'), ' ', 1) as version`,
  );
  return rows[0]?.version ?? '';
}

/** Whether a bot has been started on the database. */
export async function hasTables(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query(`select where to_regclass('owners') is not null`);
  return rows.length > 0;
}

/** The role may read the rows of every workspace, or the database cannot hold every text. */
class UnfitServerError extends Error {}

/** @throws UnfitServerError */
export async function checkServer(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ role: string; above: number; encoding: string }>(
    `select current_user as role, rolsuper or rolbypassrls as above, current_setting('server_encoding') as encoding
      from pg_roles where rolname = current_user`,
  );
  const [{ role, above, encoding } = { role: '', above: 1, encoding: '' }] = rows;
  if (above) {
    throw new UnfitServerError(
      `the role ${role} is not kept from the rows of other workspaces; make one that is: create role winnow login password '…'; create database winnow owner winnow`,
    );
  }
  if (encoding !== 'UTF8') {
    throw new UnfitServerError(
      `the database is encoded as ${encoding}; make one that is not: create database winnow owner ${role} encoding 'UTF8' template template0`,
    );
  }
}
