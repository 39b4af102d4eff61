import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { settingsFor, startBot, stopBot } from './bot.ts';
import { nextMessage, percentile, startProcess } from './processes.ts';
import type { Order, Timing, Workspace } from './slack-process.ts';

/**
 * Times events through the real socket until they are committed and acknowledged, against Bolt with an
 * empty listener. Also times the start of the bot, which it needs anyway.
 */

const FLOOD = 3000;
const ONE_BY_ONE = 500;

export async function measureIntake() {
  const folder = await mkdtemp(path.join(tmpdir(), 'winnow-bench-'));
  const claude = await startProcess<{ url: string; apiKey: string }>('claude-process.ts');
  const ours = await withSlack(async (workspace, order) => {
    const file = path.join(folder, 'winnow.db');
    const { child, readyMs } = await startBot(settingsFor(workspace, claude.first, file));
    const idleRssMb = await readRss(child.pid ?? 0);
    const single = await order({ kind: 'one by one', messages: ONE_BY_ONE });
    const flood = await order({ kind: 'flood', messages: FLOOD });
    await stopBot(child);
    return { readyMs, idleRssMb, single, flood };
  });
  const plain = await withSlack(async ({ apiUrl, botToken, appToken }, order) => {
    const bolt = await startProcess('bolt-process.ts', [apiUrl, botToken, appToken]);
    const flood = await order({ kind: 'flood', messages: FLOOD });
    bolt.child.disconnect();
    return flood;
  });
  claude.child.disconnect();
  await rm(folder, { recursive: true });
  return {
    intake: {
      eventsPerSecond: (FLOOD / ours.flood.elapsedMs) * 1000,
      p99Ms: percentile(ours.single.latenciesMs, 99),
      ratio: plain.elapsedMs / ours.flood.elapsedMs,
    },
    start: { readyMs: ours.readyMs, idleRssMb: ours.idleRssMb },
  };
}

async function withSlack<T>(
  work: (workspace: Workspace, order: (order: Order) => Promise<Timing>) => Promise<T>,
): Promise<T> {
  const { child, first } = await startProcess<Workspace>('slack-process.ts');
  const result = await work(first, (order) => {
    const answer = nextMessage<Timing>(child);
    child.send(order);
    return answer;
  });
  child.disconnect();
  return result;
}

/** Resident memory of another process in MB; NaN without /proc. */
async function readRss(pid: number): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}
