import { type Claude, createClaude } from '../src/claude/batches.ts';
import { DEFAULT_EMOJI } from '../src/core/acts.ts';
import type { Clock } from '../src/core/clock.ts';
import { DEFAULT_TAXONOMY } from '../src/core/taxonomy.ts';
import { settingsOf } from '../src/jobs/apply-settings.ts';
import { CatchUp } from '../src/jobs/catch-up.ts';
import type { Deps } from '../src/jobs/deps.ts';
import { systemClock } from '../src/jobs/loop.ts';
import type { Slack } from '../src/slack/client.ts';
import type { Db } from '../src/store/database.ts';
import { keepTaxonomy } from '../src/store/taxonomies.ts';

export const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error };

/** What jobs work with, where a benchmark needs only part of it to be real. */
export async function createDeps({
  db,
  slack = { call: () => Promise.reject(new Error('nothing is sent to Slack here')) },
  claude = createClaude({ apiKey: 'none', baseUrl: 'http://127.0.0.1:1' }),
  clock = systemClock,
}: {
  db: Db;
  slack?: Slack;
  claude?: Claude;
  clock?: Clock;
}): Promise<Deps> {
  const settings = {
    taxonomy: DEFAULT_TAXONOMY,
    remindAfterMs: null,
    closeTheLoop: false,
    timeZone: 'UTC',
    summarySchedule: '0 9 * * 1-5',
    classifySchedule: undefined,
  };
  return {
    db,
    slack,
    claude,
    clock,
    log: quiet,
    self: { userId: 'U0BOT', botId: 'B0BOT' },
    catchUp: new CatchUp(),
    workspaceUrl: 'https://bench.slack.com/',
    ...settings,
    environment: settingsOf(settings),
    taxonomyVersion: await keepTaxonomy(db, DEFAULT_TAXONOMY, clock.now()),
    emoji: DEFAULT_EMOJI,
    model: 'claude-haiku-5-5',
    batchPollMs: 60_000,
    feedbackChannels: [],
  };
}
