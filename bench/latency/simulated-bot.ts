import { type ClaudeSim, startClaudeSim } from '../../sim/claude/claude-sim.ts';
import type { Latencies } from '../../sim/claude/latency.ts';
import { type SlackSim, startSlackSim } from '../../sim/slack/slack-sim.ts';
import { createClaude } from '../../src/claude/batches.ts';
import { type Context, earliest } from '../../src/jobs/context.ts';
import { JOBS } from '../../src/jobs/registry.ts';
import { createSlack } from '../../src/slack/client.ts';
import { toSlackLogger } from '../../src/slack/logger.ts';
import { identify } from '../../src/slack/read.ts';
import type { Db } from '../../src/store/db/tables.ts';
import { openFreshDatabase } from '../../test/fresh-database.ts';
import { createBenchContext, quiet } from '../context.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { createVirtualRunner, type VirtualRunner } from './virtual-runner.ts';

/** The bot's jobs, store and clients between both stand-ins, over HTTP and on one virtual clock. */
export interface SimulatedBot {
  context: Context;
  slack: SlackSim;
  claude: ClaudeSim;
  emit: VirtualRunner['emit'];
  /** Lets everything happen until this time; stops early when nothing will happen before it. */
  runUntil(time: number): Promise<void>;
  stop(): Promise<void>;
}

export interface BotSettings {
  seed: number;
  latency: Latencies;
  pollMs: number;
  summarySchedule: string;
  expressUpToUsd: number;
  shardSize?: Context['shardSize'];
}

/** All but the index for searches: it looks for new words every few seconds, and nothing here waits for it. */
const RUNNING = JOBS.filter(({ name }) => name !== 'index');

export async function startSimulatedBot(
  clock: VirtualClock,
  { seed, latency, ...settings }: BotSettings,
): Promise<SimulatedBot> {
  const now = () => clock.now();
  // No events are delivered: the jobs are told of what happens directly.
  const slack = await startSlackSim({ now, events: [] });
  // The requests of a month would not fit into memory.
  const claude = await startClaudeSim({ now, seed, latency, keepDeleted: false });
  let calls = 0;
  /** Counts what is under way until all of its answer is there. */
  const countedFetch: typeof fetch = async (input, init) => {
    calls += 1;
    try {
      const { status, headers, body } = await fetch(input, init);
      const whole = body ? await new Response(body).arrayBuffer() : null;
      return new Response(whole, { status, headers });
    } finally {
      calls -= 1;
      clock.notice();
    }
  };
  const stopListening = claude.onChange(() => clock.notice());
  const client = createSlack(
    {
      token: slack.botToken,
      apiUrl: slack.apiUrl,
      rateScale: 1,
      logger: toSlackLogger(quiet, false),
      fetch: countedFetch,
    },
    clock,
  );
  const db = noticeQueries(await openFreshDatabase(), clock);
  // The clock stands still meanwhile: none of these calls is paced.
  const workspace = await identify(client);
  const context = await createBenchContext({
    db,
    slack: client,
    claude: createClaude({ apiKey: claude.apiKey, baseUrl: claude.url }).withOptions({
      fetch: countedFetch,
    }),
    clock,
    workspace,
    ...settings,
  });
  const runner = createVirtualRunner(context, RUNNING, clock);
  return {
    context,
    slack,
    claude,
    emit: runner.emit,
    async runUntil(time) {
      for (;;) {
        // A call that waits for Claude waits for time to pass.
        await clock.untilQuiet(() => calls > claude.inFlight.count);
        runner.runDue();
        const next = earliest([runner.nextAt(), clock.nextAt(), claude.nextDueAt()]);
        if (next === null || next > time) break;
        clock.moveTo(next);
        claude.tick();
        runner.runDue();
      }
      clock.moveTo(time);
      claude.tick();
    },
    async stop() {
      stopListening();
      await db.destroy();
      await Promise.all([slack.stop(), claude.stop()]);
    },
  };
}

/** Work on the database is work: the clock waits for it. */
function noticeQueries(db: Db, clock: VirtualClock): Db {
  return db.withPlugin({
    transformQuery({ node }) {
      clock.notice();
      return node;
    },
    transformResult: async ({ result }) => result,
  });
}
