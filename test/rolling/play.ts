import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { startClaudeSim } from '../../sim/claude/claude-sim.ts';
import { startSlackSim } from '../../sim/slack/slack-sim.ts';
import { untilIdle } from '../crash/world.ts';
import { openFile } from '../crash/world-database.ts';
import { findFreePort } from '../process/free-port.ts';
import { type BotProcess, startBot } from './bot-process.ts';
import { listFaults } from './compare.ts';
import { type Ledger, startTeam } from './team.ts';

/**
 * Deploys the bot anew again and again while people use it: the next process starts and waits for the
 * database, the one before gets SIGTERM. Then compares what there is with what was done.
 */

export const MODES = ['socket', 'http'] as const;
export type Mode = (typeof MODES)[number];

/** One restart; all in ms. */
export interface Restart {
  /** From SIGTERM until the process has ended. */
  stopMs: number;
  /** From SIGTERM until the next process is ready. */
  handoverMs: number;
  code: number | null;
}

export interface Played {
  restarts: Restart[];
  ledger: Ledger;
  /** What was lost, done twice or left undone, and what the bots said of errors. */
  faults: string[];
}

const RATE_SCALE = 60;

export async function play({
  mode,
  times,
  retryDelaysMs,
  onRestart = () => {},
}: {
  mode: Mode;
  times: number;
  /** Between the tries of Slack to deliver an event; default: Slack's own. */
  retryDelaysMs?: number[];
  onRestart?: (restart: Restart) => void;
}): Promise<Played> {
  const folder = await mkdtemp(path.join(tmpdir(), 'winnow-rolling-'));
  const database = path.join(folder, 'winnow.db');
  const slack = await startSlackSim({
    rateScale: RATE_SCALE,
    botName: 'winnow',
    latencyMs: 20,
    ...(retryDelaysMs && { retryDelaysMs }),
  });
  const claude = await startClaudeSim({
    latency: {
      batch: { p50Ms: 800, p90Ms: 2_000 },
      // A stop waits for a call that is under way.
      message: { p50Ms: 300, p90Ms: 800, tail: { share: 0.05, factor: 4 } },
    },
  });
  const [ana, ben, cleo] = ['ana', 'ben', 'cleo'].map((name) => slack.addUser({ name })) as [
    string,
    string,
    string,
  ];
  const members = [ana, ben, cleo, slack.botUserId];
  const channel = slack.addChannel({ name: 'feedback', members });
  const [port, healthPort] = [await findFreePort(), await findFreePort()];
  if (mode === 'http') slack.deliverByHttp(`http://127.0.0.1:${port}/slack/events`);
  const environment = {
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_RATE_SCALE: String(RATE_SCALE),
    ...(mode === 'http'
      ? { SLACK_SIGNING_SECRET: slack.signingSecret, PORT: String(port) }
      : { SLACK_APP_TOKEN: slack.appToken }),
    ANTHROPIC_BASE_URL: claude.url,
    ANTHROPIC_API_KEY: claude.apiKey,
    BATCH_POLL_SECONDS: '0.3',
    // Some runs cost less, and some more.
    EXPRESS_UP_TO_USD: '0.001',
    SUMMARY_SCHEDULE: '0 0 29 2 *',
    NEEDS_SHOWN: '50',
    HEALTH_PORT: String(healthPort),
    // A busy machine may take its time until a run goes on.
    TAKE_OVER_SECONDS: '600',
    DATABASE_URL: `sqlite:${database}`,
  };
  const bots: BotProcess[] = [];
  const start = () => {
    const bot = startBot(environment);
    bots.push(bot);
    return bot;
  };
  try {
    let current = start();
    // What was posted before the bot came is no feedback.
    await current.logged('messages count from here on');
    const team = startTeam({ slack, channel, ana, ben, cleo });
    const restarts: Restart[] = [];
    for (let n = 0; n < times; n++) {
      await pause(momentOf(n));
      const next = start();
      await next.logged('another Winnow has the database; waiting for it to stop');
      await claude.waitFor(() => claude.inFlight.count > 0 || isJudging(claude.batches()), {
        timeoutMs: 240_000,
        what: 'a run to go on',
      });
      const began = performance.now();
      const [stopped] = await Promise.all([current.stop(), next.logged('ready')]);
      const restart = {
        stopMs: stopped.ms,
        handoverMs: performance.now() - began,
        code: stopped.code,
      };
      restarts.push(restart);
      onRestart(restart);
      current = next;
    }
    await team.stop();
    await slack.idle();
    while (countPending(database) > 0) {
      await team.type('');
      await untilIdle(openFile(database));
    }
    await untilIdle(openFile(database));
    const { code } = await current.stop();
    const faults = [
      ...listFaults({ slack, channel, ana, ben, cleo }, team.ledger, database),
      ...bots.flatMap(({ errors }) => errors),
      ...(code === 0 ? [] : [`the last process ended with ${code}`]),
    ];
    return { restarts, ledger: team.ledger, faults };
  } finally {
    for (const bot of bots) bot.kill();
    await Promise.all([slack.stop(), claude.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
}

/** A restart comes at another moment of what goes on each time. */
const momentOf = (n: number): number => 300 + ((n * 617) % 1_900);

const isJudging = (batches: { status: string }[]): boolean =>
  batches.some(({ status }) => status === 'in_progress');

function countPending(file: string): number {
  const db = new Sqlite(file, { readonly: true });
  try {
    const pending = `select count(*) from messages where state in ('pending', 'claimed') and deleted_at is null`;
    return Number(db.prepare(pending).pluck().get());
  } finally {
    db.close();
  }
}
