import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { readPid, type Server } from '../../test/postgres/server.ts';
import { percentile } from '../processes.ts';
import { readCpuMs } from '../usage.ts';
import { type Layout, within } from './layouts.ts';

/** What the database holds: rows of the catalog, bytes and files. */
export async function measureSize(server: Server, client: pg.Client) {
  const { rows } = await client.query<Record<string, string>>(`select
    (select count(*) from pg_class) as "pgClass",
    (select count(*) from pg_attribute) as "pgAttribute",
    (select sum(pg_total_relation_size(oid)) / 1048576 from pg_class
      where relnamespace = 'pg_catalog'::regnamespace and relkind = 'r') as "catalogMb",
    pg_database_size(current_database()) / 1048576 as "databaseMb"`);
  const figures = Object.entries(rows[0] ?? {}).map(([name, value]) => [name, Number(value)]);
  return { ...Object.fromEntries(figures), files: server.countFiles() } as Size;
}

interface Size {
  pgClass: number;
  pgAttribute: number;
  catalogMb: number;
  databaseMb: number;
  files: number;
}

/** Makes workspaces one by one. */
export async function create(client: pg.Client, layout: Layout, teams: string[]) {
  const pid = await readPid(client);
  const before = await readCpuMs(pid);
  const times: number[] = [];
  for (const team of teams) times.push(await time(() => client.query(layout.create(team))));
  return {
    p50Ms: percentile(times, 50),
    lastP50Ms: percentile(times.slice(-100), 50),
    cpuMs: ((await readCpuMs(pid)) - before) / teams.length,
  };
}

/** Changes the tables of all workspaces, as a new version does. */
export async function migrate(owner: pg.Client, layout: Layout, teams: string[], n: number) {
  const change = () => owner.query(layout.migrate(n));
  const begins = layout.migratesEach ? teams.map(layout.begin) : ['begin'];
  const times: number[] = [];
  const pid = await readPid(owner);
  const before = await readCpuMs(pid);
  for (const begin of begins) times.push(await time(() => within(owner, begin, change)));
  return {
    cpuS: ((await readCpuMs(pid)) - before) / 1000,
    allS: times.reduce((sum, ms) => sum + ms, 0) / 1000,
    // As long as this, the workspaces that a transaction changes stand still.
    longestBlockMs: Math.max(...times),
  };
}

/** Backs up one workspace. */
export async function dump(server: Server, layout: Layout, team: string) {
  const { args, options } = layout.dump(team);
  let bytes = 0;
  const ms = await time(async () => {
    bytes = server.run('pg_dump', args, layout.teamColumn ? 'bot' : 'owner', options).length;
  });
  return { s: ms / 1000, kb: bytes / 1024 };
}

/** Deletes some workspaces. */
export async function remove(client: pg.Client, layout: Layout, teams: string[]) {
  const times: number[] = [];
  for (const team of teams) times.push(await time(() => client.query(layout.remove(team))));
  return percentile(times, 50);
}

const WATCHED_MS = 30_000;

/** What autovacuum takes when nothing changes: its workers only look for something to do. */
export async function watchAutovacuum(server: Server) {
  await server.set('autovacuum_naptime', "'5s'");
  await server.set('autovacuum', 'on');
  await sleep(WATCHED_MS);
  const before = await server.readEndedCpuMs();
  await sleep(WATCHED_MS);
  const after = await server.readEndedCpuMs();
  await server.set('autovacuum', 'off');
  return (after - before) / (WATCHED_MS / 5_000);
}

export async function time(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}
