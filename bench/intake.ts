import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePort } from '../test/process/free-port.ts';
import { settingsFor, startBot, stopBot } from './bot.ts';
import { nextMessage, percentile, startProcess } from './processes.ts';
import type { Order, Timing, Workspace } from './slack-process.ts';
import { readCpuMs, readRssMb } from './usage.ts';

/**
 * Times events through the real socket, and over HTTP, until they are committed and acknowledged, against Bolt
 * with an empty listener. Also times the start of the bot, which it needs anyway.
 */

const FLOOD = 3000;
const ONE_BY_ONE = 500;
/** So many requests at once: each has a connection of its own. */
const HTTP_WAVE = 50;
/** Clients that have begun a request and do not go on. */
const SLOW_CLIENTS = 50;

type Send = (order: Order) => Promise<Timing>;

export async function measureIntake() {
  const folder = await mkdtemp(path.join(tmpdir(), 'winnow-bench-'));
  const claude = await startProcess<{ url: string; apiKey: string }>('claude-process.ts');
  const startFor = (workspace: Workspace, name: string, port?: number) =>
    startBot(settingsFor(workspace, claude.first, path.join(folder, name), port));

  const socket = await withSlack([], async (workspace, send) => {
    const { child, readyMs, cpuMs } = await startFor(workspace, 'socket.db');
    const pid = child.pid ?? 0;
    const start = { readyMs, cpuMs, idleRssMb: await readRssMb(pid) };
    const intake = await measureEvents(pid, send, { kind: 'flood', messages: FLOOD });
    await stopBot(child);
    return { start, intake };
  });
  const socketBolt = await withSlack([], async ({ apiUrl, botToken, appToken }, send) =>
    floodBolt([apiUrl, botToken, appToken], send, { kind: 'flood', messages: FLOOD }),
  );

  const port = await findFreePort();
  const overHttp = ['unlimited', `http://127.0.0.1:${port}/slack/events`];
  const waves: Order = { kind: 'flood', messages: FLOOD, wave: HTTP_WAVE };
  const http = await withSlack(overHttp, async (workspace, send) => {
    const { child } = await startFor(workspace, 'http.db', port);
    const pid = child.pid ?? 0;
    const calm = await measureEvents(pid, send, waves);
    await send({ kind: 'repeat some' });
    const slow = await openSlowClients(port);
    const disturbed = await measureEvents(pid, send, waves);
    for (const client of slow) client.destroy();
    await stopBot(child);
    return { calm, disturbed };
  });
  const httpBolt = await withSlack(overHttp, ({ apiUrl, botToken, signingSecret }, send) =>
    floodBolt([apiUrl, botToken, signingSecret, String(port)], send, waves),
  );
  claude.child.disconnect();
  await rm(folder, { recursive: true });
  return {
    intake: { ...socket.intake, ratio: socket.intake.eventsPerSecond / socketBolt },
    intakeHttp: {
      ...http.calm,
      ratio: http.calm.eventsPerSecond / httpBolt,
      disturbed: http.disturbed,
    },
    start: socket.start,
  };
}

/** Events one by one, then a flood of them. @param pid the bot */
async function measureEvents(pid: number, send: Send, flood: Order & { kind: 'flood' }) {
  const single = await send({ kind: 'one by one', messages: ONE_BY_ONE });
  const cpuBefore = await readCpuMs(pid);
  const { elapsedMs } = await send(flood);
  return {
    eventsPerSecond: (flood.messages / elapsedMs) * 1000,
    p50Ms: percentile(single.latenciesMs, 50),
    p99Ms: percentile(single.latenciesMs, 99),
    cpuMsPerEvent: ((await readCpuMs(pid)) - cpuBefore) / flood.messages,
  };
}

/** @returns events per second */
async function floodBolt(args: string[], send: Send, flood: Order): Promise<number> {
  const { child } = await startProcess('bolt-process.ts', args);
  const { elapsedMs } = await send(flood);
  child.disconnect();
  return (FLOOD / elapsedMs) * 1000;
}

async function withSlack<T>(
  args: string[],
  work: (workspace: Workspace, send: Send) => Promise<T>,
): Promise<T> {
  const { child, first } = await startProcess<Workspace>('slack-process.ts', args);
  const result = await work(first, (order) => {
    const answer = nextMessage<Timing>(child);
    child.send(order);
    return answer;
  });
  child.disconnect();
  return result;
}

function openSlowClients(port: number): Promise<Socket[]> {
  const open = () =>
    new Promise<Socket>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write('POST /slack/events HTTP/1.1\r\nhost: winnow\r\ncontent-length: 100\r\n\r\n{');
        resolve(socket);
      });
      // The bot cuts it off after a while.
      socket.on('error', () => {});
    });
  return Promise.all(Array.from({ length: SLOW_CLIENTS }, open));
}
