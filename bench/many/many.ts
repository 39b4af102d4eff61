import { percentile } from '../processes.ts';
import { readCpuMs, readRssMb } from '../usage.ts';
import { measureFairOnFiles, measureFairOnServer } from './fair.ts';
import { type DatabaseServer, openWorld, type World, withFolder, withServer } from './world.ts';

/** One bot that many workspaces have installed: at Slack's pace, in a flood, and when one of two processes dies. */

/** Of each workspace and day. */
const MESSAGES_A_DAY = 50;
const SECONDS_A_DAY = 86_400;

/** How long Slack's pace is watched. */
const PACED_S = 60;

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
async function measureFailover(world: World, server: DatabaseServer, workspaces: number) {
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
  const [stored] = await server.ask<{ count: string }>('select count(*) from messages');
  return {
    failoverS: Math.max(...latenciesMs) / 1_000,
    lost: posted - Number(stored?.count),
    twice,
  };
}

/**
 * @param rows so many messages are pending in one workspace while others ask
 * @param tell is called with each part's figures as soon as they are there
 */
export async function measureMany(
  workspaces: number,
  rows: number,
  tell: (figures: object) => void,
) {
  const sqlite = await withFolder(async (folder) => {
    const world = await openWorld(`sqlite:${folder}`);
    const figures = await measureOne(world, workspaces);
    await world.close();
    return figures;
  });
  tell({ sqlite });
  const postgres = await withServer(async ({ url }) => {
    const world = await openWorld(url);
    const figures = await measureOne(world, workspaces);
    await world.close();
    return figures;
  });
  tell({ postgres });
  const failover = await withServer(async (server) => {
    const world = await openWorld(server.url);
    const figures = await measureFailover(world, server, workspaces);
    await world.close();
    return figures;
  });
  tell({ failover });
  const fair = {
    sqlite: await withFolder((folder) => measureFairOnFiles(folder, rows)),
    postgres: await withServer((server) => measureFairOnServer(server, rows)),
  };
  return { ...postgres, ...failover, sqlite, fair };
}
