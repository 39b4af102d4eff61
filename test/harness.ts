import { onTestFinished } from 'vitest';
import { type ClaudeSim, type ClaudeSimOptions, startClaudeSim } from '../sim/claude/claude-sim.ts';
import { type SlackSim, type SlackSimOptions, startSlackSim } from '../sim/slack/slack-sim.ts';
import { createClaude } from '../src/claude/batches.ts';
import type { Clock } from '../src/core/clock.ts';
import { DEFAULT_TAXONOMY } from '../src/core/taxonomy.ts';
import { advanceRuns } from '../src/jobs/advance.ts';
import { type Deps, earliest, type NextAt } from '../src/jobs/deps.ts';
import { flushLane } from '../src/jobs/flush.ts';
import { lookUpNames } from '../src/jobs/names.ts';
import { createApp } from '../src/listeners/app.ts';
import { SocketReceiver } from '../src/listeners/socket-receiver.ts';
import { createSlack } from '../src/slack/client.ts';
import { toSlackLogger } from '../src/slack/logger.ts';
import { identify } from '../src/slack/read.ts';
import { openDatabase } from '../src/store/database.ts';
import { listOpenLanes } from '../src/store/outbox.ts';
import { keepTaxonomy } from '../src/store/taxonomies.ts';

/** A clock of the test's own: waiting costs no time, and the test may jump ahead. */
export interface TestClock extends Clock {
  jump(ms: number): void;
}

export function createTestClock(): TestClock {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    jump(ms) {
      ahead += ms;
    },
    async sleep(ms, signal) {
      // A wait that can be called off is a watchdog's: it ends when it is called off.
      if (signal) {
        if (signal.aborted) return;
        await new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => resolve(), { once: true }),
        );
        return;
      }
      ahead += ms;
    },
  };
}

export interface LogLine {
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  [field: string]: unknown;
}

export interface Stage {
  slack: SlackSim;
  claude: ClaudeSim;
  clock: TestClock;
  deps: Deps;
  /** #feedback, which the bot is in. */
  channel: string;
  /** A person in it. */
  user: string;
  logs: LogLine[];
  /** Connects the real Bolt app over Socket Mode. */
  connect(): Promise<void>;
  /** Types the command as `user`; resolves with what the bot says to them alone. */
  type(text?: string, where?: { channel?: string; user?: string }): Promise<string>;
  /**
   * Runs the jobs by hand until nothing is left to do, jumping to whatever they wait for.
   * @param rounds fails loudly when they never come to rest
   */
  settle(rounds?: number): Promise<void>;
}

/** Both stand-ins, a database in memory and everything of the bot but its timers. */
export async function startStage(
  options: {
    slack?: SlackSimOptions;
    claude?: ClaudeSimOptions;
    deps?: Partial<Deps>;
    databaseFile?: string;
  } = {},
): Promise<Stage> {
  const slack = await startSlackSim({ rateLimits: false, retryDelaysMs: [0, 0], ...options.slack });
  const claude = await startClaudeSim({ batchMs: 0, ...options.claude });
  const clock = createTestClock();
  const logs: LogLine[] = [];
  const write = (level: LogLine['level']) => (fields: object, message: string) => {
    logs.push({ level, message, ...fields });
  };
  const log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
  const logger = toSlackLogger(log, false);
  const api = createSlack(
    { token: slack.botToken, apiUrl: slack.apiUrl, rateScale: 1000, logger },
    clock,
  );
  const db = await openDatabase(options.databaseFile ?? ':memory:');
  const { workspaceUrl, ...self } = await identify(api);
  const deps: Deps = {
    db,
    slack: api,
    claude: createClaude({ apiKey: claude.apiKey, baseUrl: claude.url }),
    clock,
    log,
    self,
    workspaceUrl,
    taxonomy: DEFAULT_TAXONOMY,
    taxonomyVersion: await keepTaxonomy(db, DEFAULT_TAXONOMY, clock.now()),
    model: 'claude-haiku-5-5',
    batchPollMs: 1000,
    timeZone: 'UTC',
    feedbackChannels: [],
    summarySchedule: '0 9 * * 1-5',
    classifySchedule: undefined,
    ...options.deps,
  };
  const user = slack.addUser({ name: 'ana', realName: 'Ana' });
  const channel = slack.addChannel({ name: 'feedback', members: [user] });

  const ends: (() => Promise<unknown>)[] = [];
  onTestFinished(async () => {
    for (const end of ends) await end();
    await Promise.all([slack.stop(), claude.stop()]);
    await db.destroy();
  });

  const lanesOnce = async (): Promise<NextAt> => {
    const { signal } = new AbortController();
    const lanes = await listOpenLanes(db);
    return earliest(await Promise.all(lanes.map((lane) => flushLane(deps, lane, signal))));
  };
  return {
    slack,
    claude,
    clock,
    deps,
    channel,
    user,
    logs,
    async connect() {
      const receiver = new SocketReceiver({
        appToken: slack.appToken,
        apiUrl: slack.apiUrl,
        logger,
        clock,
        log,
        onReconnected: () => {},
      });
      const wakes = { messages() {}, runs() {}, channels() {} };
      const { botToken, apiUrl } = slack;
      const app = createApp(deps, wakes, { botToken, apiUrl, logger, receiver });
      await app.start();
      ends.unshift(() => app.stop());
      slack.inviteBot(channel, user);
      await slack.idle();
    },
    async type(text = '', where = {}) {
      const asker = where.user ?? user;
      const answer = await slack.command({
        command: '/classify-feedback',
        text,
        user: asker,
        channel: where.channel ?? channel,
      });
      if (!answer.acked) throw new Error(`the command was not answered: ${answer.error}`);
      return slack.ephemerals(asker).at(-1)?.text ?? '';
    },
    async settle(rounds = 50) {
      for (let round = 0; round < rounds; round++) {
        await lookUpNames(deps);
        const next = earliest([await advanceRuns(deps), await lanesOnce()]);
        if (next === null) return;
        clock.jump(Math.max(0, next - clock.now()));
      }
      throw new Error(`still not at rest: ${JSON.stringify(logs.slice(-5))}`);
    },
  };
}
