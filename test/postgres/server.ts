import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** `postgres` bypasses everything, `owner` makes the tables, `bot` is what a replica connects as. */
export type Role = 'postgres' | 'owner' | 'bot';

/** A PostgreSQL server of one's own, in a folder that is removed afterwards. */
export interface Server {
  /** Where a program finds one of its databases. */
  url(user: Role, database: string): string;
  connect(user: Role, database?: string): Promise<pg.Client>;
  /** Runs one of PostgreSQL's programs. @returns its output */
  run(program: string, args: string[], user: Role, options?: string): Buffer;
  /** Changes a setting of the server. */
  set(name: string, value: string): Promise<void>;
  /** The number of files of its database. */
  countFiles(): number;
  /** CPU time in ms of all its processes that have ended. */
  readEndedCpuMs(): Promise<number>;
  /** Kills it and starts it again. @returns ms until it answers */
  crash(): Promise<number>;
  /** Kills it. @returns starts it again */
  halt(): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

/** No waiting for the disk, and nothing in the background. */
const SETTINGS = `
listen_addresses = ''
max_wal_size = 8GB
checkpoint_timeout = 30min
fsync = off
autovacuum = off
`;

/** @param settings lines of `postgresql.conf` that count more than those above */
export async function startServer(settings = ''): Promise<Server> {
  const home = mkdtempSync(path.join(tmpdir(), 'postgres-'));
  const account = readAccount();
  if (account) chownSync(home, account.uid, account.gid);
  const data = path.join(home, 'data');
  const bin = findPrograms();
  const run: Server['run'] = (program, args, user, options = '') => {
    const where = { PGHOST: home, PGUSER: user, PGDATABASE: 'postgres', PGOPTIONS: options };
    const env = { ...process.env, ...where };
    return execFileSync(path.join(bin, program), args, {
      ...account,
      env,
      maxBuffer: 2 ** 30,
      // `pg_dump` warns of tables that refer to themselves.
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  };
  const superuser = ['--username=postgres', '--auth=trust', '--locale=C', '--encoding=UTF8'];
  run('initdb', [`--pgdata=${data}`, '--no-sync', ...superuser], 'postgres');
  appendFileSync(path.join(data, 'postgresql.conf'), SETTINGS + settings);

  const connect: Server['connect'] = async (user, database = 'postgres') => {
    const client = new pg.Client({ host: home, user, database });
    // When the server ends; a query fails by itself.
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(path.join(bin, 'postgres'), ['-D', data, '-k', home], {
      ...account,
      stdio: 'ignore',
    });
    for (;;) {
      if (child.exitCode !== null) throw new Error(`PostgreSQL ended with ${child.exitCode}`);
      const client = await connect('postgres').catch(() => undefined);
      await client?.end();
      if (client) return child;
      await sleep(20);
    }
  };
  const end = async (signal: NodeJS.Signals) => {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };

  let child = await start();
  const admin = await connect('postgres');
  await admin.query('create role owner login; create role bot login');
  await admin.query(
    'grant create on database postgres to owner; grant create on schema public to owner',
  );
  const { rows } = await admin.query<{ oid: number }>(
    'select oid from pg_database where datname = current_database()',
  );
  await admin.end();
  return {
    connect,
    run,
    url: (user, database) => `postgres://${user}@/${database}?host=${encodeURIComponent(home)}`,
    async set(name, value) {
      const client = await connect('postgres');
      await client.query(`alter system set ${name} = ${value}`);
      await client.query('select pg_reload_conf()');
      await client.end();
    },
    countFiles: () => readdirSync(path.join(data, 'base', String(rows[0]?.oid))).length,
    async readEndedCpuMs() {
      const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8');
      const [user, system] = (stat.split(') ')[1] ?? '').split(' ').slice(13, 15);
      // Linux counts in hundredths of a second.
      return (Number(user) + Number(system)) * 10;
    },
    async crash() {
      // An immediate shutdown: without a checkpoint, as after a lost machine.
      await end('SIGQUIT');
      const began = performance.now();
      child = await start();
      return performance.now() - began;
    },
    async halt() {
      await end('SIGQUIT');
      return async () => {
        child = await start();
      };
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) await end('SIGQUIT');
      rmSync(home, { recursive: true });
    },
  };
}

/** PostgreSQL refuses to run as root. */
function readAccount(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (of: string) => Number(execFileSync('id', [of, 'postgres']));
  return { uid: id('-u'), gid: id('-g') };
}

const PROGRAMS = '/usr/lib/postgresql';

/** Debian keeps them out of the path, by version. */
function findPrograms(): string {
  if (!existsSync(PROGRAMS)) {
    throw new Error(`PostgreSQL is not in ${PROGRAMS}: install Debian's package "postgresql".`);
  }
  const versions = readdirSync(PROGRAMS).map(Number);
  return `${PROGRAMS}/${Math.max(...versions)}/bin`;
}

/** The process that serves a connection. */
export async function readPid(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? Number.NaN;
}
