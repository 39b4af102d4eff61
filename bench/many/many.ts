import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Server, startServer } from '../../test/postgres/server.ts';
import { findFreePort } from '../../test/process/free-port.ts';
import { startBot, stopBot } from '../bot.ts';
import { nextMessage, percentile, startProcess } from '../processes.ts';
import { readCpuMs, readRssMb } from '../usage.ts';
import type { Began, Order, Outcome } from './cloud-process.ts';

/** One bot that many workspaces have installed: at Slack's pace, in a flood, and when one of two processes dies. */

/** Of each workspace and day. */
const MESSAGES_A_DAY = 50;
const SECONDS_A_DAY = 86_400;

/** How long Slack's pace is watched. */
const PACED_S = 60;

type Bot = Awaited<ReturnType<typeof startBot>> & { port: number };

async function openWorld(databaseUrl: string) {
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
    async close() {
      for (const { child } of bots)
        if (child.exitCode === null && !child.killed) await stopBot(child);
      slack.child.disconnect();
      claude.child.disconnect();
    },
  };
}

type World = Awaited<ReturnType<typeof openWorld>>;

/** One process that works for all of them. */
async function measureOne(world: World, workspaces: number) {
  const bot = await world.start();
  const pid = bot.child.pid ?? 0;
  const emptyMb = await readRssMb(pid);
  const installed = await world.order({ kind: 'install', workspaces });
  const reached = await world.order({ kind: 'reach all' });
  await settle(pid);
  const fullMb = await readRssMb(pid);

  const paceMessages = Math.ceil((PACED_S * workspaces * MESSAGES_A_DAY) / SECONDS_A_DAY);
  const cpuBefore = await readCpuMs(pid);
  const paced = await world.order({ kind: 'post', messages: paceMessages, seconds: PACED_S });
  const cpuShare = ((await readCpuMs(pid)) - cpuBefore) / paced.elapsedMs;

  const messages = 5 * workspaces;
  const flood = await world.order({ kind: 'post', messages, seconds: 0 });
  return {
    workspaces,
    installMs: installed.elapsedMs / workspaces,
    reachedS: reached.elapsedMs / 1_000,
    mbPerWorkspace: (fullMb - emptyMb) / workspaces,
    emptyMb,
    cpuShare,
    p50Ms: percentile(paced.latenciesMs, 50),
    p99Ms: percentile(paced.latenciesMs, 99),
    eventsPerSecond: messages / (flood.elapsedMs / 1_000),
    floodP99Ms: percentile(flood.latenciesMs, 99),
  };
}

/** Waits until a process has done what it does after a start. */
async function settle(pid: number): Promise<void> {
  for (let quiet = 0; quiet < 3; ) {
    const before = await readCpuMs(pid);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    quiet = (await readCpuMs(pid)) - before < 1_000 ? quiet + 1 : 0;
  }
}

/** Two processes share them, and one is killed while people post and summaries are made. */
async function measureFailover(world: World, server: Server, workspaces: number) {
  const first = await world.start();
  await world.start();
  await world.order({ kind: 'install', workspaces });
  await world.order({ kind: 'reach all' });
  await settle(first.child.pid ?? 0);
  const going = world.order({ kind: 'fail over', messages: 600, seconds: 30 });
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  first.child.kill('SIGKILL');
  world.tell({ kind: 'killed' });
  const { latenciesMs, posted, twice } = await going;
  const admin = await server.connect('postgres');
  const { rows } = await admin.query<{ stored: string }>('select count(*) as stored from messages');
  await admin.end();
  return {
    failoverS: Math.max(...latenciesMs) / 1_000,
    lost: posted - Number(rows[0]?.stored),
    twice,
  };
}

/** @param tell is called with each part's figures as soon as they are there */
export async function measureMany(workspaces: number, tell: (figures: object) => void) {
  const folder = await mkdtemp(path.join(tmpdir(), 'winnow-bench-'));
  const onFiles = await openWorld(`sqlite:${folder}`);
  const sqlite = await measureOne(onFiles, workspaces);
  tell({ sqlite });
  await onFiles.close();
  await rm(folder, { recursive: true });

  const one = await openServer();
  const onServer = await openWorld(one.url);
  const postgres = await measureOne(onServer, workspaces);
  tell({ postgres });
  await onServer.close();
  await one.server.stop();

  const two = await openServer();
  const shared = await openWorld(two.url);
  const failover = await measureFailover(shared, two.server, workspaces);
  await shared.close();
  await two.server.stop();
  return { ...postgres, ...failover, sqlite };
}

/** A server for as many connections as two processes have, which writes to the disk as in earnest. */
async function openServer() {
  const server = await startServer('fsync = on\nautovacuum = on');
  const admin = await server.connect('postgres');
  await admin.query('grant create on schema public to bot');
  await admin.end();
  return { server, url: server.url('bot', 'postgres') };
}
