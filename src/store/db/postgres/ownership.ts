import pg from 'pg';
import type { Clock } from '../../../core/clock.ts';
import { backoffMs } from '../../../core/delivery/backoff.ts';
import { SECOND_MS } from '../../../core/durations.ts';
import type { Log } from '../../../core/log.ts';
import { type Guard, setTeam, writersOf } from './lane.ts';
import { asLost } from './lost.ts';
import { KEEPALIVE, setLimits } from './pool.ts';

/**
 * A workspace belongs to one process at a time. The owner holds a lock of PostgreSQL's for as long as its connection
 * lives, so that another process can take over as soon as the owner, its machine or its network has died. An owner
 * that does not know that yet must neither write nor act: every transaction compares the owner's number, its epoch,
 * and every call to Slack or Claude waits until the lock is known to be held.
 */
export interface Ownership {
  epoch: number;
  /**
   * Resolves when the lock is known to be held.
   * @throws the signal's reason when it aborts first
   */
  held(signal?: AbortSignal | null): Promise<void>;
  /** Lets others take the workspace over at once. */
  release(): Promise<void>;
}

/** Another process has the workspace, and has not left in time. */
class WorkspaceInUseError extends Error {
  constructor(team: string) {
    super(
      `another Winnow is running for the workspace ${team} on this database; stop it first, or give this one another DATABASE_URL`,
    );
    this.name = 'WorkspaceInUseError';
  }
}

/** A process that takes over is ready soon after the other one has stopped. */
const POLL_MS = 200;

/** How often the owner asks whether the lock's connection still lives, and how long it waits for an answer. */
const BEAT_MS = SECOND_MS;
const ANSWER_MS = 2 * SECOND_MS;

/** The server frees the lock six seconds after it last heard of a machine (see KEEPALIVE). The owner stops before. */
const HELD_MS = 4 * SECOND_MS;

const lockOf = (team: string) => `hashtextextended(${pg.escapeLiteral(`winnow owns ${team}`)}, 0)`;

interface Options {
  /** How long to wait for another process to leave, in ms. */
  takeOverMs: number;
  clock: Clock;
  log: Log;
  /** Brings the tables up to date. Is called once the lock is held, before anything is written. */
  prepare(): Promise<void>;
  /** Is called when another process has taken the workspace over. */
  onLost: Guard['onLost'];
}

/** @throws WorkspaceInUseError when another process has not left in time */
export async function takeOver(url: string, team: string, options: Options): Promise<Ownership> {
  const { clock, log, prepare, onLost } = options;
  let session = await lockWhenFree(url, team, options);
  let answeredAt = clock.now();
  let epoch: number;
  try {
    await prepare();
    epoch = await beginEpoch(session, team, log);
  } catch (error) {
    await session.end();
    throw error;
  }
  const ending = new AbortController();
  const { signal } = ending;

  const beat = async () => {
    while (!signal.aborted) {
      const askedAt = clock.now();
      await ask(session, 'select');
      answeredAt = askedAt;
      await clock.sleep(BEAT_MS, signal);
    }
  };
  /** @returns false when another process has taken the workspace over meanwhile */
  const regain = async (): Promise<boolean> => {
    for (let failures = 0; !signal.aborted; failures++) {
      let again: pg.Client | undefined;
      try {
        again = await connect(url);
        if (await tryLock(again, team)) {
          if ((await readEpoch(again, team)) !== epoch) return false;
          if (signal.aborted) return true;
          session = again;
          again = undefined;
          log.info({ team }, 'the lock of the workspace is held again');
          return true;
        }
      } catch (error) {
        log.debug({ err: error, team, failures }, 'the lock of the workspace was tried in vain');
      } finally {
        void again?.end();
      }
      await clock.sleep(Math.min(backoffMs(failures), 2 * SECOND_MS), signal);
    }
    return true;
  };
  const keep = async () => {
    while (!signal.aborted) {
      try {
        await beat();
      } catch (error) {
        if (signal.aborted) return;
        const reason = (error as Error).message;
        log.warn({ team, reason }, 'the lock of the workspace is lost with its connection');
        void session.end();
        if (!(await regain())) return onLost();
      }
    }
  };
  void keep();
  return {
    epoch,
    async held(waiting) {
      while (Math.abs(clock.now() - answeredAt) >= HELD_MS) {
        waiting?.throwIfAborted();
        await clock.sleep(POLL_MS, waiting ?? undefined);
      }
    },
    async release() {
      ending.abort();
      await session.end();
    },
  };
}

async function lockWhenFree(
  url: string,
  team: string,
  { takeOverMs, clock, log }: Options,
): Promise<pg.Client> {
  const until = clock.now() + takeOverMs;
  const session = await connect(url);
  try {
    for (let waited = false; !(await tryLock(session, team)); waited = true) {
      if (clock.now() >= until) throw new WorkspaceInUseError(team);
      if (!waited) {
        log.info({ takeOverMs }, 'another Winnow has the database; waiting for it to stop');
      }
      await clock.sleep(POLL_MS);
    }
    return session;
  } catch (error) {
    await session.end();
    throw asLost(error) ?? error;
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    ...{ connectionString: url, application_name: 'winnow owner' },
    ...{ ...KEEPALIVE, connectionTimeoutMillis: 5 * SECOND_MS },
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

/** A statement that is answered at once, or never. */
function ask<Row extends pg.QueryResultRow>(
  client: pg.Client,
  text: string,
  values: unknown[] = [],
): Promise<pg.QueryResult<Row>> {
  // The types do not know that a statement can have a limit of its own.
  return client.query<Row>({ text, values, query_timeout: ANSWER_MS } as pg.QueryConfig);
}

async function tryLock(client: pg.Client, team: string): Promise<boolean> {
  const { rows } = await ask<{ locked: boolean }>(
    client,
    `select pg_try_advisory_lock(${lockOf(team)}) as locked`,
  );
  return rows[0]?.locked === true;
}

/**
 * Whether a process has the workspace now. A start that does not wait for others may be refused because somebody
 * looks in this moment.
 */
export async function isOwned(pool: pg.Pool, team: string): Promise<boolean> {
  const key = lockOf(team);
  // A shared lock, so that two that look do not block each other.
  const { rows } = await pool.query<{ free: number }>(
    `select pg_try_advisory_lock_shared(${key}) as free, pg_advisory_unlock_shared(${key})`,
  );
  return rows[0]?.free === 0;
}

/** Begins the time of a new owner, and waits for what the one before has begun to write. */
async function beginEpoch(client: pg.Client, team: string, log: Log): Promise<number> {
  try {
    await setTeam(client, team);
    const { rows } = await client.query<{ epoch: string }>(
      `insert into owners (epoch) values (1)
        on conflict (team) do update set epoch = owners.epoch + 1 returning epoch`,
    );
    const writers = writersOf(team);
    const { rows: free } = await client.query<{ free: boolean }>(
      `select pg_try_advisory_lock(${writers}) as free`,
    );
    if (!free[0]?.free) {
      log.info({ team }, 'waiting for what the process before has begun to write');
      await client.query(`select pg_advisory_lock(${writers})`);
    }
    await client.query(`select pg_advisory_unlock(${writers})`);
    return Number(rows[0]?.epoch);
  } catch (error) {
    throw asLost(error) ?? error;
  }
}

async function readEpoch(client: pg.Client, team: string): Promise<number> {
  await setTeam(client, team);
  const { rows } = await ask<{ epoch: string }>(client, 'select epoch from owners');
  return Number(rows[0]?.epoch);
}
