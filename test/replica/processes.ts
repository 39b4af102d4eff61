import { spawn } from 'node:child_process';
import path from 'node:path';
import type pg from 'pg';
import { onTestFinished } from 'vitest';
import { type Server, startServer } from '../postgres/server.ts';
import { type Bot, watchBot } from '../process/bot.ts';
import { findFreePort } from '../process/free-port.ts';
import { type CloudStage, counted, openCloudStage, type Tenant, until } from './stage.ts';

/** Replicas as processes of their own, which can be killed, on a PostgreSQL server that can be killed as well. */

export interface ReplicaProcess extends Bot {
  name: string;
  port: number;
  /** Sends the signal, and waits until the process has ended. @returns its exit code */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

export interface ProcessStage extends Omit<CloudStage, 'start'> {
  server: Server;
  /** What the superuser finds, who sees the rows of all workspaces. */
  query<Row extends pg.QueryResultRow>(text: string): Promise<Row[]>;
  /**
   * Starts a replica, and has Slack's requests go to it until it has ended.
   * @param name by which the server tells whose connections they are
   * @param options.root where its sources are; default: here
   * @param options.waits until it is ready; default true
   */
  launch(name: string, options?: { root?: string; waits?: boolean }): Promise<ReplicaProcess>;
  /** The names of the replicas that hold the lock of each workspace, by the workspace's id. */
  owners(): Promise<Map<string, string[]>>;
}

const ROOT = path.join(import.meta.dirname, '../..');

export async function openProcesses(): Promise<ProcessStage> {
  const server = await startServer();
  onTestFinished(() => server.stop());
  const query = async <Row extends pg.QueryResultRow>(text: string, database = 'winnow') => {
    const client = await server.connect('postgres', database);
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  };
  await query('create database winnow owner bot', 'postgres');
  const url = server.url('bot', 'winnow');
  const stage = await openCloudStage({ databaseUrl: url });
  return {
    ...stage,
    ...{ server, query },
    async launch(name, { root = ROOT, waits = true } = {}) {
      const port = await findFreePort();
      const { PATH, NODE_COMPILE_CACHE } = process.env;
      const child = spawn(process.execPath, [path.join(root, 'src/main.ts')], {
        env: {
          ...{ PATH, NODE_COMPILE_CACHE },
          ...stage.settings,
          PORT: String(port),
          // The server says by this name whose connection holds a lock.
          DATABASE_URL: `${url}&application_name=${name}`,
        },
      });
      const bot = watchBot(child);
      stage.balancer.add(port);
      if (waits) await bot.logged('ready');
      return {
        ...bot,
        ...{ name, port },
        async end(signal) {
          child.kill(signal);
          const { code } = await bot.ended;
          stage.balancer.remove(port);
          return code;
        },
      };
    },
    async owners() {
      const rows = await query<{ team: string; names: string[] }>(OWNERS);
      return new Map(rows.map(({ team, names }) => [team, names]));
    },
  };
}

/** Whoever only looks whether a workspace is free shares its lock for a moment. */
const OWNERS = `
  select team, array_remove(array_agg(application_name), null) as names
    from workspaces left join pg_locks on locktype = 'advisory' and granted and mode = 'ExclusiveLock'
      and objsubid = 1 and (classid::bigint << 32 | objid::bigint) = hashtextextended('winnow owns ' || team, 0)
    left join pg_stat_activity using (pid)
    group by team`;

/** So many workspaces that have the app, and whose messages count from now on. */
export async function addTenants(
  stage: ProcessStage,
  replicas: readonly ReplicaProcess[],
  count: number,
): Promise<Tenant[]> {
  const tenants = Array.from({ length: count }, (_, at) =>
    stage.addTenant({ name: `Team ${at + 1}` }),
  );
  for (const tenant of tenants) await stage.install(tenant);
  await counted(replicas, tenants);
  return tenants;
}

/** Waits until each workspace belongs to one replica, and how many each replica has. */
export const shared = (stage: ProcessStage, shares: Record<string, number>) =>
  until(async () => {
    const found: Record<string, number> = {};
    for (const names of (await stage.owners()).values()) {
      const who = names.join(' and ') || 'nobody';
      found[who] = (found[who] ?? 0) + 1;
    }
    return found;
  }).toEqual(shares);
