import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { SECOND_MS } from '../../../core/durations.ts';
import { migrate, type Schema } from '../migrate.ts';

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

/** The system notices within seconds that the server's machine is gone. */
export const KEEPALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 3 * SECOND_MS };

/**
 * How long a statement may take, and a transaction in which nothing happens; 0: any time. `lockMs` is how long a
 * statement may wait for somebody else; default: for as long as it may take.
 */
export interface Limits {
  statementMs: number;
  idleMs: number;
  lockMs?: number;
}

/** For somebody who only looks, and wants to know soon. */
export const LOOKING: Limits = { statementMs: 4 * SECOND_MS, idleMs: 4 * SECOND_MS };

const LIMITS: Limits = { statementMs: 60 * SECOND_MS, idleMs: 60 * SECOND_MS };

/**
 * Sets limits of a connection, whatever the server's defaults are: not while connecting, because PgBouncer refuses
 * that. The server notices within six seconds that the machine at the other end is gone, and frees its locks.
 */
export async function setLimits(
  client: pg.ClientBase,
  { statementMs, idleMs, lockMs = 0 }: Limits,
): Promise<void> {
  await client.query(
    `set tcp_keepalives_idle = 3; set tcp_keepalives_interval = 1; set tcp_keepalives_count = 3;
      set tcp_user_timeout = 6000; set statement_timeout = ${statementMs}; set lock_timeout = ${lockMs};
      set idle_in_transaction_session_timeout = ${idleMs}`,
  );
}

/**
 * @param url `postgres://…`, also with options such as `sslmode`
 * @param options of the driver
 */
export function createPool(
  url: string,
  { limits = LIMITS, ...options }: pg.PoolConfig & { limits?: Limits } = {},
): pg.Pool {
  const { statementMs } = limits;
  const pool = new pg.Pool({
    ...{ connectionString: url, types, application_name: 'winnow', ...KEEPALIVE },
    connectionTimeoutMillis: 5 * SECOND_MS,
    // The driver's limit is for a server that is gone without a word.
    ...(statementMs > 0 && { query_timeout: statementMs + 5 * SECOND_MS }),
    onConnect: (client) => setLimits(client, limits),
    ...options,
  });
  // A connection that is lost while nothing runs on it leaves the pool, or fails at its next statement.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/**
 * Changes of the tables take as long as they take. But a change that waits for whoever uses the table has everybody
 * else wait behind it, the processes of the version before as well: it gives up sooner than PostgreSQL looks for a
 * deadlock (after a second).
 */
const CHANGING: Limits = { statementMs: 0, idleMs: 0, lockMs: 500 };

/**
 * Brings the tables of all workspaces up to date, or those of the control database.
 * @throws when a migration fails, also because somebody uses a table for long that it changes (see lost.ts)
 */
export async function migrateTables(
  url: string,
  schema: Exclude<Schema, 'sqlite'> = 'postgres',
): Promise<void> {
  const pool = createPool(url, { max: 1, limits: CHANGING });
  try {
    await migrate(new Kysely({ dialect: new PostgresDialect({ pool }) }), schema);
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

/** The server is too old, the role may read the rows of every workspace, or the database cannot hold every text. */
class UnfitServerError extends Error {}

const OLDEST = 14;

const NOTHING = { role: '', above: 1, encoding: '', version: 0 };

/** @throws UnfitServerError */
export async function checkServer(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{
    role: string;
    above: number;
    encoding: string;
    version: number;
  }>(
    `select current_user as role, rolsuper or rolbypassrls as above,
      current_setting('server_encoding') as encoding, current_setting('server_version_num')::bigint as version
      from pg_roles where rolname = current_user`,
  );
  const [{ role, above, encoding, version } = NOTHING] = rows;
  if (version < OLDEST * 10_000) {
    throw new UnfitServerError(
      `it is PostgreSQL ${Math.floor(version / 10_000)}; Winnow needs ${OLDEST} or newer`,
    );
  }
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
