import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { drawUniform } from '../../sim/claude/latency.ts';
import { readPid, type Server } from '../../test/postgres/server.ts';
import { percentile } from '../processes.ts';
import { readCpuMs } from '../usage.ts';
import { type Layout, within } from './layouts.ts';
import { createWriter, STATEMENTS } from './statements.ts';

/**
 * How a connection executes its statements: each anew, as named prepared statements, or under a name
 * for each workspace.
 */
export type Way = 'plain' | 'named' | 'named each';

interface Times {
  p50Ms: number;
  p99Ms: number;
}

export interface Speed {
  /** Private memory of the backend in MB, by the number of workspaces that it has seen. */
  memoryMb: Record<string, number>;
  /** CPU time of the backend for a transaction with one statement, which no other process disturbs. */
  cpuMs: { first: number; again: number };
  /** All statements, in workspaces that the connection has not seen before. */
  first: Times;
  /** The same in workspaces that it has seen. */
  again: Times;
  /** With the transaction around them: setting, statement, commit. */
  transaction: Times;
  statements: Record<string, Times>;
}

/** How many workspaces a connection has seen when its memory is read. */
const SEEN = [1, 10, 100, 1_000];

/**
 * One connection as a replica would use it: one statement in one workspace, then in another.
 * @param effort how many workspaces it sees, and how often it executes a statement after that
 */
export async function measureSpeed(
  server: Server,
  layout: Layout,
  teams: string[],
  way: Way,
  effort: { seen: number; repetitions: number },
): Promise<Speed> {
  const client = await server.connect('bot');
  const pid = await readPid(client);
  const write = createWriter(layout.teamColumn);
  let drawn = 0;
  const draw = (most: number) =>
    1 + Math.floor(drawUniform(`${teams.length} ${way} ${++drawn}`) * most);
  const execute = async (team: string, name: string) => {
    const query = await write(name, draw);
    const named = { plain: {}, named: { name }, 'named each': { name: `${name} ${team}` } }[way];
    const began = performance.now();
    const statement = await within(client, layout.begin(team), () =>
      time(client, { ...query, ...named }),
    );
    return { statement, transaction: performance.now() - began };
  };

  const order = teams
    .map((team) => ({ team, place: drawUniform(`${way} ${team}`) }))
    .sort((a, b) => a.place - b.place)
    .map(({ team }) => team)
    .slice(0, effort.seen);
  const begun = await readCpuMs(pid);
  const memoryMb: Record<string, number> = { 0: await readPrivateMb(pid) };
  const first: number[] = [];
  for (const [index, team] of order.entries()) {
    for (const name of STATEMENTS) first.push((await execute(team, name)).statement);
    const seen = index + 1;
    if (SEEN.includes(seen) || seen === order.length) memoryMb[seen] = await readPrivateMb(pid);
  }
  const seenAll = await readCpuMs(pid);
  const again = new Map<string, number[]>(STATEMENTS.map((name) => [name, []]));
  const transactions: number[] = [];
  for (let n = 0; n < effort.repetitions; n++) {
    const team = order[draw(order.length) - 1] ?? '';
    const name = STATEMENTS[n % STATEMENTS.length] ?? '';
    const { statement, transaction } = await execute(team, name);
    again.get(name)?.push(statement);
    transactions.push(transaction);
  }
  const done = await readCpuMs(pid);
  await client.end();
  return {
    memoryMb,
    cpuMs: {
      first: (seenAll - begun) / first.length,
      again: (done - seenAll) / effort.repetitions,
    },
    first: toTimes(first),
    again: toTimes([...again.values()].flat()),
    transaction: toTimes(transactions),
    statements: Object.fromEntries([...again].map(([name, times]) => [name, toTimes(times)])),
  };
}

async function time(client: pg.Client, query: pg.QueryConfig): Promise<number> {
  const began = performance.now();
  await client.query(query);
  return performance.now() - began;
}

const toTimes = (times: number[]): Times => ({
  p50Ms: percentile(times, 50),
  p99Ms: percentile(times, 99),
});

/** What would be free if the process ended: without the shared buffers. */
async function readPrivateMb(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const parts = text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm);
  return [...parts].reduce((sum, [, kb]) => sum + Number(kb), 0) / 1024;
}
