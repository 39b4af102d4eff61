import { createClaude } from '../src/claude/batches.ts';
import type { Claude } from '../src/claude/outgoing.ts';
import type { Clock } from '../src/core/clock.ts';
import { DEFAULT_EMOJI } from '../src/core/people/acts.ts';
import { DEFAULT_TAXONOMY } from '../src/core/runs/taxonomy.ts';
import { type Context, createContext } from '../src/jobs/context.ts';
import { systemClock } from '../src/jobs/loop.ts';
import { loadSettings } from '../src/jobs/settings/in-force.ts';
import type { Slack } from '../src/slack/client.ts';
import type { Workspace } from '../src/slack/read.ts';
import type { Db } from '../src/store/db/tables.ts';

export const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error };

const NOWHERE: Workspace = {
  id: 'T0BENCH',
  enterpriseId: null,
  orgInstall: false,
  url: 'https://bench.slack.com/',
  self: { userId: 'U0BOT', botId: 'B0BOT' },
};

/** The context of jobs; a benchmark passes only the parts that it needs to be real. */
export async function createBenchContext({
  db,
  slack = { call: () => Promise.reject(new Error('nothing is sent to Slack here')) },
  claude = createClaude({ apiKey: 'none', baseUrl: 'http://127.0.0.1:1' }),
  clock = systemClock,
  workspace = NOWHERE,
  summarySchedule = '0 9 * * 1-5',
  expressUpToUsd = 0,
  pollMs = 60_000,
  ...policy
}: {
  db: Db;
  slack?: Slack;
  claude?: Claude;
  clock?: Clock;
  workspace?: Workspace;
  summarySchedule?: string;
  expressUpToUsd?: number;
  pollMs?: number;
  /** How a run is divided into batches. */
  shardSize?: Context['shardSize'];
}): Promise<Context> {
  const services = { db, slack, claude, clock, log: quiet };
  const { settings } = await loadSettings(services, {
    emoji: DEFAULT_EMOJI,
    model: 'claude-haiku-5-5',
    batchPollMs: pollMs,
    expressUpToUsd,
    monthlyBudgetUsd: null,
    summaryLatenessMs: 600_000,
    needsShown: 7,
    redact: true,
    retentionMs: null,
    unsureBelow: 0.6,
    feedbackChannels: [],
    defaults: {
      taxonomy: DEFAULT_TAXONOMY,
      remindAfterMs: null,
      closeTheLoop: false,
      asTheyCome: false,
      timeZone: 'UTC',
      summarySchedule,
      classifySchedule: null,
    },
  });
  return createContext(services, workspace, settings, policy);
}
