import pg from 'pg';
import type { Clock } from '../../../core/clock.ts';
import { SECOND_MS } from '../../../core/durations.ts';
import type { Log } from '../../../core/log.ts';
import { writersOf } from './lane.ts';
import { asLost } from './lost.ts';
import { KEEPALIVE, setLimits } from './pool.ts';

/** The connection that holds the locks of a process, and what is asked on it. */

/** How long an answer may take. Every statement is answered at once, or never. */
const ANSWER_MS = 2 * SECOND_MS;

/** Between two tries to get what somebody else holds. */
export const POLL_MS = 200;

/** @param name SQL for the workspace's id */
const lockOf = (name: string) => `hashtextextended('winnow owns ' || ${name}, 0)`;

export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    ...{ connectionString: url, application_name: 'winnow owner' },
    ...{ ...KEEPALIVE, connectionTimeoutMillis: 5 * SECOND_MS, query_timeout: ANSWER_MS },
  });
  // What is lost says so at its next statement.
  client.on('error', () => {});
  try {
    await client.connect();
    await setLimits(client, { statementMs: 0, idleMs: 0 });
    return client;
  } catch (error) {
    void client.end();
    throw asLost(error) ?? error;
  }
}

/** What has been begun on each connection. */
const turns = new WeakMap<pg.Client, Promise<unknown>>();

/** A connection has one statement at a time. */
function inTurn<T>(session: pg.Client, work: () => Promise<T>): Promise<T> {
  const last = turns.get(session) ?? Promise.resolve();
  const next = last.then(work);
  turns.set(
    session,
    next.catch(() => {}),
  );
  return next;
}

async function query<Row extends pg.QueryResultRow>(session: pg.Client, config: pg.QueryConfig) {
  try {
    return await inTurn(session, () => session.query<Row>(config));
  } catch (error) {
    const lost = asLost(error);
    // The server may execute it later. What it locks then is freed with the session.
    if (lost) void session.end();
    throw lost ?? error;
  }
}

export const ask = async <Row extends pg.QueryResultRow>(
  session: pg.Client,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> => (await query<Row>(session, { text, values })).rows;

/** @returns those whose locks the session has got */
export async function tryLocks(session: pg.Client, teams: readonly string[]): Promise<string[]> {
  if (teams.length === 0) return [];
  const rows = await ask<{ team: string }>(
    session,
    `select team from unnest($1::text[]) as team where pg_try_advisory_lock(${lockOf('team')})`,
    [teams],
  );
  return rows.map(({ team }) => team);
}

export const unlock = (session: pg.Client, team: string) =>
  ask(session, `select pg_advisory_unlock(${lockOf('$1::text')})`, [team]);

/** SQL that is true of a workspace that no process has. Shared, so that two that look do not block each other. */
const isFree = (name: string) => {
  const key = lockOf(name);
  return `case when pg_try_advisory_lock_shared(${key}) then pg_advisory_unlock_shared(${key}) else false end`;
};

export async function listFree(session: pg.Client, teams: readonly string[]): Promise<string[]> {
  if (teams.length === 0) return [];
  const rows = await ask<{ team: string }>(
    session,
    `select team from unnest($1::text[]) as team where ${isFree('team')}`,
    [teams],
  );
  return rows.map(({ team }) => team);
}

/**
 * Whether a process has the workspace now. A start that does not wait for others may be refused because somebody
 * looks in this moment.
 */
export async function isOwned(pool: pg.Pool, team: string): Promise<boolean> {
  const { rows } = await pool.query<{ free: number }>(`select ${isFree('$1::text')} as free`, [
    team,
  ]);
  return rows[0]?.free === 0;
}

/** Asks for something of a workspace: in one go with saying which, because others may ask at the same time. */
async function askWithin<Row>(session: pg.Client, team: string, text: string): Promise<Row[]> {
  const within = `select set_config('winnow.team', ${pg.escapeLiteral(team)}, false); ${text}`;
  const results: unknown = await query(session, { text: within });
  return (results as pg.QueryResult[]).at(-1)?.rows as Row[];
}

/** Begins the time of a new owner, and waits for what the one before has begun to write. */
export async function beginEpoch(
  session: pg.Client,
  team: string,
  { clock, log }: { clock: Clock; log: Log },
): Promise<number> {
  // A workspace that comes back after it was deleted gets no number that it has had.
  const [row] = await askWithin<{ epoch: string }>(
    session,
    team,
    `insert into owners (epoch) values ((extract(epoch from clock_timestamp()) * 1000)::bigint)
      on conflict (team) do update set epoch = owners.epoch + 1 returning epoch`,
  );
  const writers = writersOf(team);
  // The connection must not wait for a lock: it is asked every second whether it lives.
  for (let waited = false; ; waited = true) {
    const [got] = await ask<{ free: boolean }>(
      session,
      `select case when pg_try_advisory_lock(${writers}) then pg_advisory_unlock(${writers}) else false end as free`,
    );
    if (got?.free) return Number(row?.epoch);
    if (!waited) log.info({ team }, 'waiting for what the process before has begun to write');
    await clock.sleep(POLL_MS);
  }
}

export async function readEpoch(session: pg.Client, team: string): Promise<number> {
  const [row] = await askWithin<{ epoch: string }>(session, team, 'select epoch from owners');
  return Number(row?.epoch);
}
