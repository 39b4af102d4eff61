import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import type { Clock } from '../../../core/clock.ts';
import { UnreachableDatabaseError } from '../../../core/health/storage.ts';
import { asLost } from './lost.ts';

/** A workspace's way to the database: one statement or transaction at a time, as with SQLite. */

/** Which process may write: the one that has taken the workspace over last. See locks.ts. */
export interface Guard {
  epoch: number;
  /** Hears that another process has taken the workspace over. */
  onLost(): void;
}

/** Another process works for the workspace now: nothing of this transaction has happened. */
class LostWorkspaceError extends Error {
  constructor(team: string) {
    super(`another Winnow works for ${team} now`);
    this.name = 'LostWorkspaceError';
  }
}

interface Session {
  pool: pg.Pool;
  team: string;
  guard: Guard | undefined;
  /** Lets it try again for a moment when the server does not answer. */
  clock: Clock | undefined;
}

export function createLane(session: Session): PostgresPool {
  let last = Promise.resolve();
  return {
    options: {},
    async connect() {
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      const turn = last;
      last = turn.then(() => released);
      await turn;
      return createClient(session, release);
    },
    end: () => last,
  };
}

const BEGINS = /^\s*begin\b/i;
const ENDS = /^\s*(?:commit|rollback)\s*;?\s*$/i;
const READS = /^\s*select\b/i;

const NOTHING = { command: 'SELECT' as const, rowCount: 0, rows: [] };

/**
 * Takes a connection from the pool at the first statement. As long as nothing has been written, one that turns out
 * to be lost is replaced by another.
 */
function createClient(session: Session, released: () => void): PostgresPoolClient {
  let client: pg.PoolClient | undefined;
  let isLost = false;
  let inTransaction = false;

  const first = async <T>(work: (on: pg.PoolClient) => Promise<T>): Promise<T> => {
    const { clock } = session;
    const until = (clock?.now() ?? 0) + PATIENCE_MS;
    for (let waitMs = 50; ; waitMs = Math.min(2 * waitMs, 200)) {
      try {
        client ??= await session.pool.connect();
        isLost = false;
        await enter(client, session.team);
        return await work(client);
      } catch (error) {
        const lost = asLost(error);
        if (!lost) throw error;
        client?.release(true);
        client = undefined;
        if (!clock || clock.now() + waitMs > until) throw lost;
        await clock.sleep(waitMs);
      }
    }
  };
  const next = async (text: string, values: readonly unknown[]) => {
    if (!client || isLost) throw new UnreachableDatabaseError(new Error('the connection is lost'));
    try {
      return await send(client, text, values);
    } catch (error) {
      const lost = asLost(error);
      isLost = lost !== undefined;
      throw lost ?? error;
    }
  };
  const write = async (text: string, values: readonly unknown[]) => {
    await first((on) => begin(on, session));
    try {
      const result = await next(text, values);
      await next('commit', []);
      return result;
    } catch (error) {
      // The error of the statement counts.
      if (!isLost) await next('rollback', []).catch(() => {});
      throw error;
    }
  };
  const query = async (text: string, values: readonly unknown[]) => {
    if (BEGINS.test(text)) {
      await first((on) => begin(on, session));
      inTransaction = true;
      return NOTHING;
    }
    if (!inTransaction) {
      return READS.test(text) ? first((on) => send(on, text, values)) : write(text, values);
    }
    const ends = ENDS.test(text);
    // With the connection, the transaction is gone as well.
    if (ends && isLost && /rollback/i.test(text)) return NOTHING;
    const result = await next(text, values);
    inTransaction = !ends;
    return result;
  };
  return {
    query: query as unknown as PostgresPoolClient['query'],
    release() {
      client?.release(isLost || inTransaction);
      released();
    },
  };
}

/** People wait for their answers meanwhile. */
const PATIENCE_MS = 1_500;

/** Which workspace each connection is set to. */
const teams = new WeakMap<pg.PoolClient, string>();

/** Says whose rows a connection reads and writes from now on. */
const setTeam = (client: pg.ClientBase, team: string) =>
  client.query(`select set_config('winnow.team', $1, false)`, [team]);

async function enter(client: pg.PoolClient, team: string): Promise<void> {
  if (teams.get(client) === team) return;
  teams.delete(client);
  await setTeam(client, team);
  teams.set(client, team);
}

/** The owner is compared after the lock is had: with a snapshot for the whole transaction, that would be in vain. */
const BEGIN = 'begin isolation level read committed';

/**
 * Begins a transaction, and makes sure that nobody takes the workspace over until it ends: see locks.ts.
 * @throws LostWorkspaceError when somebody has
 */
async function begin(client: pg.PoolClient, { team, guard }: Session): Promise<void> {
  if (!guard) {
    await client.query(BEGIN);
    return;
  }
  const name = pg.escapeLiteral(team);
  try {
    // Several statements in one go have several results.
    const results: unknown = await client.query(
      `${BEGIN}; select pg_advisory_xact_lock_shared(${writersOf(team)});
        select from owners where team = ${name} and epoch = ${guard.epoch}`,
    );
    if ((results as pg.QueryResult[]).at(-1)?.rowCount === 1) return;
  } catch (error) {
    // It has begun all the same, unless the connection is lost.
    if (!asLost(error)) await client.query('rollback');
    throw error;
  }
  await client.query('rollback');
  guard.onLost();
  throw new LostWorkspaceError(team);
}

/** The lock that every transaction of a workspace shares. @returns SQL for its key */
export const writersOf = (team: string): string =>
  `hashtextextended(${pg.escapeLiteral(`winnow writes ${team}`)}, 0)`;

/** What a connection has prepared: the name of each statement. */
const prepared = new WeakMap<pg.PoolClient, Map<string, string>>();

/** The server keeps a plan of each, for as long as the connection lives. */
const PREPARED_AT_MOST = 300;

/** Statements with long lists hardly ever come twice with lists of the same length. */
const PREPARED_LENGTH = 2_000;

/**
 * All columns of a table: `count(*)` is none. A prepared statement with them fails for as long as its connection lives,
 * once a newer version has added a column.
 */
const ALL_COLUMNS = /(?<!\()\*/;

/** Prepared, a statement takes half of the server's time. @returns undefined for one that is not to be prepared */
function nameStatement(client: pg.PoolClient, text: string): string | undefined {
  if (text.length > PREPARED_LENGTH || ALL_COLUMNS.test(text)) return undefined;
  const names = prepared.get(client) ?? new Map<string, string>();
  prepared.set(client, names);
  if (!names.has(text) && names.size < PREPARED_AT_MOST) names.set(text, `s${names.size}`);
  return names.get(text);
}

async function send(
  client: pg.PoolClient,
  text: string,
  values: readonly unknown[],
): Promise<pg.QueryResult> {
  const name = values.length > 0 ? nameStatement(client, text) : undefined;
  const result = await client.query({
    text,
    values: values.map(withoutNul),
    ...(name && { name }),
  });
  // Nobody has to know whose rows they are.
  if (result.fields?.some(({ name: column }) => column === 'team')) {
    for (const row of result.rows) delete row.team;
  }
  return result;
}

/** PostgreSQL refuses the sign with the number 0 in texts. */
export const withoutNul = (value: unknown) =>
  typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '') : value;
