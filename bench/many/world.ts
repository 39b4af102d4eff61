import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startServer } from '../../test/postgres/server.ts';
import { findFreePort } from '../../test/process/free-port.ts';
import { startBot, stopBot } from '../bot.ts';
import { nextMessage, startProcess } from '../processes.ts';
import type { Began, Order, Outcome } from './cloud-process.ts';

/** What the bots that are measured have around them: Slack, a proxy, Claude and a database server. */

type Bot = Awaited<ReturnType<typeof startBot>> & { port: number };

export async function openWorld(databaseUrl: string) {
  const claude = await startProcess<{ url: string; apiKey: string }>('claude-process.ts');
  const slack = await startProcess<Began>('many/cloud-process.ts');
  const order = (what: Order) => {
    const outcome = nextMessage<Outcome>(slack.child);
    slack.child.send(what);
    return outcome;
  };
  const bots: Bot[] = [];
  const tellProxy = () => order({ kind: 'bots', ports: bots.map(({ port }) => port) });
  return {
    order,
    tell: (what: Order) => void slack.child.send(what),
    async start(): Promise<Bot> {
      const port = await findFreePort();
      const started = await startBot({
        ...slack.first.environment,
        PORT: String(port),
        ENCRYPTION_KEYS: Buffer.alloc(32, 1).toString('base64'),
        ANTHROPIC_BASE_URL: claude.first.url,
        ANTHROPIC_API_KEY: claude.first.apiKey,
        BATCH_POLL_SECONDS: '0.2',
        LOG_LEVEL: 'info',
        DATABASE_URL: databaseUrl,
      });
      const bot = { ...started, port };
      bots.push(bot);
      await tellProxy();
      return bot;
    },
    async stop(bot: Bot) {
      await stopBot(bot.child);
      bots.splice(bots.indexOf(bot), 1);
      await tellProxy();
    },
    async close() {
      for (const { child } of bots)
        if (child.exitCode === null && !child.killed) await stopBot(child);
      slack.child.disconnect();
      claude.child.disconnect();
    },
  };
}

export type World = Awaited<ReturnType<typeof openWorld>>;

/** @param work gets a folder that is there as long as it goes on */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'winnow-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export interface DatabaseServer {
  url: string;
  /** Runs a statement as one who sees all workspaces. */
  ask<T extends object>(statement: string): Promise<T[]>;
}

/** @param work gets a server for as many connections as two bots have, which writes to the disk as in earnest */
export async function withServer<T>(work: (server: DatabaseServer) => Promise<T>): Promise<T> {
  const server = await startServer('fsync = on\nautovacuum = on');
  const admin = await server.connect('postgres');
  try {
    await admin.query('grant create on schema public to bot');
    return await work({
      url: server.url('bot', 'postgres'),
      ask: async (statement) => (await admin.query(statement)).rows,
    });
  } finally {
    await admin.end();
    await server.stop();
  }
}
