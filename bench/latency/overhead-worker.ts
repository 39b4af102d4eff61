import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClaude } from '../../src/claude/batches.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Lane } from '../../src/core/runs/lane.ts';
import { systemClock } from '../../src/jobs/loop.ts';
import { advanceRuns } from '../../src/jobs/runs/advance.ts';
import { listExpressLanes, runExpressLane } from '../../src/jobs/runs/lanes/express.ts';
import { requestRun } from '../../src/jobs/runs/request.ts';
import { openDatabase } from '../../src/store/db/open.ts';
import { createBenchContext, quiet } from '../context.ts';
import { BENCH_CHANNEL, fillDatabase } from '../fill.ts';

/**
 * Has `messages` judged as one call each and as batches, with the real jobs, store and SDK. Neither
 * includes grouping into themes, nor a summary. Arguments: messages, Claude's address, key.
 */
export interface Overhead {
  /** To Claude; for each batch one look at whether it has ended. */
  requests: number;
  /** Request lines, headers and bodies, as far as the SDK writes them. */
  bytes: number;
  /** Of this process. */
  cpuMs: number;
  usd: number;
}

const [, , messages, url = '', apiKey = ''] = process.argv;
const WARM_UP = 200;

async function measure(lane: Lane, rows: number): Promise<Overhead> {
  const folder = await mkdtemp(path.join(tmpdir(), 'winnow-bench-'));
  const db = await openDatabase(path.join(folder, 'winnow.db'));
  await fillDatabase(db, rows);
  const sent = { requests: 0, bytes: 0 };
  let ahead = 0;
  const clock: Clock = { now: () => Date.now() + ahead, sleep: systemClock.sleep };
  const counting: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    // Grouping asks in the same way as the express lane, but after it.
    if (lane === 'express' || request.url.includes('/batches')) {
      sent.requests += 1;
      sent.bytes += measureRequest(request, init?.body);
    }
    return fetch(input, init);
  };
  let judgedAt: NodeJS.CpuUsage | undefined;
  const context = {
    ...(await createBenchContext({
      db,
      clock,
      claude: createClaude({ apiKey, baseUrl: url }).withOptions({ fetch: counting }),
      expressUpToUsd: lane === 'express' ? 1_000 : 0,
    })),
    log: {
      ...quiet,
      info(_fields: object, message: string) {
        if (message === 'a batch was collected') judgedAt = process.cpuUsage();
      },
    },
  };
  const before = process.cpuUsage();
  await db.transaction().execute((tx) =>
    requestRun(tx, context, {
      channel: BENCH_CHANNEL,
      cause: 'command',
      requestedBy: 'U0BENCH',
      withDigest: false,
    }),
  );
  await advanceRuns(context);
  if (lane === 'express') {
    const { signal } = new AbortController();
    for (const name of await listExpressLanes(context)) {
      // Claude may ask for a pause.
      for (;;) {
        const nextAt = await runExpressLane(context, name, signal, () => {});
        if (nextAt === null) break;
        await systemClock.sleep(Math.max(0, nextAt - clock.now()));
      }
    }
    judgedAt = process.cpuUsage();
  } else {
    ahead = 120_000;
    await advanceRuns(context);
  }
  const { judged } = await db
    .selectFrom('messages')
    .select((eb) => eb.fn.countAll<number>().as('judged'))
    .where('state', '=', 'judged')
    .executeTakeFirstOrThrow();
  if (judged !== rows || !judgedAt) throw new Error(`only ${judged} of ${rows} were judged`);
  const { nano } = await db
    .selectFrom('batches')
    .select((eb) => eb.fn.sum<number>('nano_usd').as('nano'))
    .executeTakeFirstOrThrow();
  await db.destroy();
  await rm(folder, { recursive: true });
  const cpuMs = (judgedAt.user + judgedAt.system - before.user - before.system) / 1000;
  return { ...sent, cpuMs, usd: nano / 1e9 };
}

function measureRequest({ method, url: address, headers }: Request, body: unknown): number {
  const lines = [`${method} ${new URL(address).pathname} HTTP/1.1`];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  const head = Buffer.byteLength(`${lines.join('\r\n')}\r\n\r\n`);
  return head + (typeof body === 'string' ? Buffer.byteLength(body) : 0);
}

// The first few hundred calls of a process are slower than those that follow.
for (const lane of ['express', 'batch'] as const) await measure(lane, WARM_UP);
process.send?.({
  oneByOne: await measure('express', Number(messages)),
  batch: await measure('batch', Number(messages)),
});
process.disconnect?.();
