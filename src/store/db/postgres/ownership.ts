import pg from 'pg';
import type { Clock } from '../../../core/clock.ts';
import { backoffMs } from '../../../core/delivery/backoff.ts';
import { SECOND_MS } from '../../../core/durations.ts';
import type { Log } from '../../../core/log.ts';
import { type Guard, writersOf } from './lane.ts';
import { asLost } from './lost.ts';

/**
 * A workspace belongs to one process at a time. It holds a lock of PostgreSQL's as long as its connection lives, so
 * that another one can take over as soon as the process, its machine or its network has died. A process that does
 * not know that yet could still write: so each owner has a number of its own, its epoch, and every transaction
 * makes sure that it is still the newest.
 */
export interface Ownership {
  epoch: number;
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

/** The server notices within seconds that a machine is gone, and gives its locks free. */
const KEEPALIVE = `set tcp_keepalives_idle = 3; set tcp_keepalives_interval = 1; set tcp_keepalives_count = 3`;

const lockOf = (team: string) => `hashtextextended(${pg.escapeLiteral(`winnow owns ${team}`)}, 0)`;

interface Options {
  /** How long to wait for another process to leave, in ms. */
  takeOverMs: number;
  clock: Clock;
  log: Log;
  /** Is called once the workspace is this process's alone, before it may write: brings the tables up to date. */
  prepare(): Promise<void>;
  onLost: Guard['onLost'];
}

/** @throws WorkspaceInUseError when another process has not left in time */
export async function takeOver(url: string, team: string, options: Options): Promise<Ownership> {
  const { clock, log, prepare, onLost } = options;
  let session = await lockWhenFree(url, team, options);
  let isOver = false;
  /** The lock went with the connection: it is taken again, unless somebody was faster. */
  const regain = async () => {
    log.warn({ team }, 'the lock of the workspace is lost with its connection; taking it again');
    for (let failures = 0; !isOver; failures++) {
      const again = await tryLock(url, team).catch(() => undefined);
      if (again && isOver) return void (await again.end());
      if (again && (await readEpoch(again, team)) === epoch) {
        session = again;
        watch();
        log.info({ team }, 'the lock of the workspace is held again');
        return;
      }
      if (again) {
        await again.end();
        return onLost();
      }
      await clock.sleep(Math.min(backoffMs(failures), 2 * SECOND_MS));
    }
  };
  const watch = () => {
    session.once('end', () => {
      if (!isOver) void regain();
    });
  };
  let epoch: number;
  try {
    await prepare();
    epoch = await beginEpoch(session, team);
  } catch (error) {
    isOver = true;
    await session.end();
    throw error;
  }
  watch();
  return {
    epoch,
    async release() {
      isOver = true;
      await session.end().catch(() => {});
    },
  };
}

async function lockWhenFree(
  url: string,
  team: string,
  { takeOverMs, clock, log }: Options,
): Promise<pg.Client> {
  const until = clock.now() + takeOverMs;
  for (let waited = false; ; waited = true) {
    const session = await tryLock(url, team);
    if (session) return session;
    if (clock.now() >= until) throw new WorkspaceInUseError(team);
    if (!waited) {
      log.info({ takeOverMs }, 'another Winnow has the database; waiting for it to stop');
    }
    await clock.sleep(POLL_MS);
  }
}

/** @returns a connection that has the lock; undefined when another one has it */
async function tryLock(url: string, team: string): Promise<pg.Client | undefined> {
  const client = new pg.Client({
    ...{ connectionString: url, application_name: 'winnow owner' },
    ...{ keepAlive: true, connectionTimeoutMillis: 5 * SECOND_MS },
  });
  // It ends after an error: who needs it listens to that.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(KEEPALIVE);
    const { rows } = await client.query<{ locked: boolean }>(
      `select pg_try_advisory_lock(${lockOf(team)}) as locked`,
    );
    if (rows[0]?.locked) return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw asLost(error) ?? error;
  }
  await client.end();
  return undefined;
}

/** Whether a process has the workspace now. */
export async function isOwned(pool: pg.Pool, team: string): Promise<boolean> {
  const key = lockOf(team);
  // Another one that looks as well is not in the way.
  const { rows } = await pool.query<{ free: number }>(
    `select pg_try_advisory_lock_shared(${key}) as free, pg_advisory_unlock_shared(${key})`,
  );
  return rows[0]?.free === 0;
}

/** Begins the time of a new owner, and waits for what the one before has begun to write. */
async function beginEpoch(client: pg.Client, team: string): Promise<number> {
  await setTeam(client, team);
  const { rows } = await client.query<{ epoch: string }>(
    `insert into owners (epoch) values (1)
      on conflict (team) do update set epoch = owners.epoch + 1 returning epoch`,
  );
  const writers = writersOf(team);
  await client.query(`select pg_advisory_lock(${writers}), pg_advisory_unlock(${writers})`);
  return Number(rows[0]?.epoch);
}

async function readEpoch(client: pg.Client, team: string): Promise<number> {
  await setTeam(client, team);
  const { rows } = await client.query<{ epoch: string }>('select epoch from owners');
  return Number(rows[0]?.epoch);
}

const setTeam = (client: pg.Client, team: string) =>
  client.query(`select set_config('winnow.team', $1, false)`, [team]);
