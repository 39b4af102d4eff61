import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { type ClaudeSim, startClaudeSim } from '../../sim/claude/claude-sim.ts';
import { type SlackSim, startSlackSim } from '../../sim/slack/slack-sim.ts';
import {
  type Disturbance,
  fileIn,
  openFile,
  openServer,
  type WorldDatabase,
} from './world-database.ts';

/**
 * Both stand-ins, and the real bot as a process of its own on a fresh database. A bot that was
 * killed is started again at once, as any service manager would; one that ends by itself is a bug.
 */

const ROOT = path.join(import.meta.dirname, '../..');
const RATE_SCALE = 1000;
const RETRY_MS = 500;

/** The bot waits up to 10 s before it looks for what it had sent when it died, and machines are slow. */
export const PATIENCE_MS = 180_000;

export interface World {
  slack: SlackSim;
  claude: ClaudeSim;
  channel: string;
  ana: string;
  ben: string;
  /** The timestamps of the day's messages, by the names that the day gives them. */
  messages: Map<string, string>;
  /** What modals have shown, by the names that the day gives them. */
  results: Map<string, string>;
  /** What Claude was asked in a rehearsal. */
  rehearsed: Set<unknown>;
  /** When the bot is there to hear of something. */
  connected(): Promise<void>;
  /** Does something with the world, and gives up as soon as the bot ends by itself. */
  alive<T>(work: Promise<T>): Promise<T>;
  /** When the bot has done all that is left to do for now. */
  rest(): Promise<void>;
  /** Lets there have been a summary in the week before: the next one is the first of its week. */
  hadSummary(): Promise<void>;
  /** Lets the planned summary be due in so many ms: everything about it has happened that much earlier. */
  letSummaryBeDue(ms: number): Promise<void>;
  /** How many processes there have been. */
  starts(): number;
  /** Lets the bot do all that is left to do, and stops it. @throws when it does not exit with 0 */
  end(): Promise<void>;
  /** Answers by Claude that were in flight when the bot died: these may be paid twice. */
  lost(): number;
  /** Whether something has happened to the database. */
  isDisturbed(): boolean;
  /** The points that the processes have passed, one list a process. */
  passed(): Promise<string[][]>;
  /** What the bot has logged last. */
  logTail(): string[];
  close(): Promise<void>;
}

/** A point by its name, or the first whose name matches. */
export type Crash = string | RegExp;

/** What goes wrong on a day. */
export interface Plan {
  engine: WorldDatabase['engine'];
  /** Where the first process dies, where the second, and so on. */
  crashes: Crash[];
  /** What happens to the database, and at which point of the first process. */
  disturbance?: { kind: Disturbance; at: Crash };
}

/** @param settings of the bot, besides those that make its day short */
export async function startWorld(plan: Plan, settings: Record<string, string>): Promise<World> {
  const folder = await mkdtemp(path.join(tmpdir(), 'winnow-crash-'));
  const slack = await startSlackSim({
    rateScale: RATE_SCALE,
    botName: 'winnow',
    // Only a bot that has died does not acknowledge, and that shows at once.
    ackTimeoutMs: PATIENCE_MS,
    // Slack's retries outlast a restart by minutes; these do so without a wait for nothing.
    retryDelaysMs: Array.from({ length: PATIENCE_MS / RETRY_MS }, () => RETRY_MS),
  });
  const claude = await startClaudeSim({ batchMs: 30 });
  const database =
    plan.engine === 'sqlite' ? openFile(fileIn(folder)) : await openServer(slack.teamId);
  const ana = slack.addUser({ id: 'U0ANA', name: 'ana', realName: 'Ana', isAdmin: true });
  const ben = slack.addUser({ id: 'U0BEN', name: 'ben', realName: 'Ben' });
  const channel = slack.addChannel({ id: 'C0FEED', name: 'feedback', members: [ana, ben] });

  const environment = {
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_RATE_SCALE: String(RATE_SCALE),
    ANTHROPIC_BASE_URL: claude.url,
    ANTHROPIC_API_KEY: claude.apiKey,
    BATCH_POLL_SECONDS: '0.3',
    // Less than the first run costs, and more than the others do.
    EXPRESS_UP_TO_USD: '0.002',
    // No schedule of a real day may fall into the scripted one.
    SUMMARY_SCHEDULE: '0 0 29 2 *',
    DATABASE_URL: database.url,
    ...settings,
  };
  const bot = keepRunning(environment, { folder, database, plan });
  const alive = <T>(work: Promise<T>) => Promise.race([work, bot.ended]);

  return {
    slack,
    claude,
    channel,
    ana,
    ben,
    messages: new Map(),
    results: new Map(),
    rehearsed: new Set(),
    alive,
    connected: () =>
      alive(
        slack
          .waitFor(() => slack.sockets.count() > 0, {
            timeoutMs: PATIENCE_MS,
            what: 'the bot to connect',
          })
          .then(() => {}),
      ),
    async rest() {
      await alive(slack.idle());
      await alive(untilIdle(database));
    },
    hadSummary: () => database.write([lastWeek(channel, Date.now() - 8 * 24 * 3_600_000)]),
    async letSummaryBeDue(ms) {
      // A bot that died early may not have planned it yet.
      await alive(untilPlanned(database));
      await database.write(moveSummary(Date.now() + ms));
    },
    starts: bot.starts,
    lost: bot.lost,
    isDisturbed: bot.isDisturbed,
    async end() {
      for (;;) {
        const running = await alive(bot.ready());
        // The last thing that the bot does is a commit, which no stand-in hears of.
        await alive(untilIdle(database));
        // It may die at the very end of the day, too: then the next process does the rest.
        if ((await running.stop()) === 'stopped') return;
      }
    },
    passed: () =>
      Promise.all(
        Array.from({ length: bot.starts() }, async (_, start) => {
          const text = await readFile(logOf(folder, start), 'utf8').catch(() => '');
          return text.split('\n').filter(Boolean);
        }),
      ),
    logTail: bot.logTail,
    async close() {
      await bot.kill();
      await Promise.all([slack.stop(), claude.stop(), database.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const lastWeek = (channel: string, at: number) => `
  insert into runs (channel, stage, cause, with_digest, taxonomy_version, model, claim_until,
      created_at, ended_at, published_at)
    select '${channel}', 'done', 'schedule', 1, min(version), '', 0, ${at}, ${at}, ${at} from taxonomies`;

/** A planned run is due then, and so is the schedule; what it has done for that was so much earlier. */
const moveSummary = (at: number) => {
  const earlier = `case when due_at > ${at} then due_at - ${at} else 0 end`;
  return [
    `update schedules set next_at = ${at} where key = 'summary'`,
    `update runs set finishing_at = finishing_at - ${earlier}, hurried_at = hurried_at - ${earlier}, due_at = ${at}
      where ended_at is null and due_at is not null`,
  ];
};

const logOf = (folder: string, start: number) => path.join(folder, `points-${start}.log`);

/** What matches the names of the points to die at. */
export const toPattern = (crash: Crash): RegExp =>
  typeof crash === 'string' ? new RegExp(`^${RegExp.escape(crash)}$`) : crash;

function keepRunning(
  environment: Record<string, string>,
  { folder, database, plan }: { folder: string; database: WorldDatabase; plan: Plan },
) {
  const { crashes, disturbance } = plan;
  const disturbFile = path.join(folder, 'disturb');
  let isDisturbed = false;
  let isDisturbing = false;
  const watcher =
    disturbance &&
    setInterval(() => {
      if (isDisturbing || !existsSync(disturbFile)) return;
      isDisturbing = true;
      disturb(disturbance.kind).catch(reject);
    }, 5);
  const disturb = async (kind: Disturbance) => {
    // The bot stands still, so what it has begun to ask is in flight.
    lost += await countInFlight(database);
    await database.disturb(kind);
    isDisturbed = true;
    await rm(disturbFile);
  };

  const lines: string[] = [];
  const { promise: ended, reject } = Promise.withResolvers<never>();
  // Ending after everybody has stopped listening is no failure.
  ended.catch(() => {});
  let starts = 0;
  let lost = 0;
  let closing = false;
  let running = start();

  function start() {
    const crashAt = crashes[starts];
    const child = spawn(
      process.execPath,
      ['--import', './test/crash/crash-point.ts', 'src/main.ts'],
      {
        cwd: ROOT,
        env: {
          PATH: process.env.PATH,
          // Worlds by the hundred: compiled code is kept from one to the next.
          NODE_COMPILE_CACHE:
            process.env.NODE_COMPILE_CACHE ?? path.join(ROOT, 'node_modules/.cache/winnow-crash'),
          ...environment,
          CRASH_LOG: logOf(folder, starts),
          CRASH_DB: database.engine,
          ...(crashAt !== undefined && { CRASH_AT: toPattern(crashAt).source }),
          ...(starts === 0 &&
            disturbance && {
              DISTURB_AT: toPattern(disturbance.at).source,
              DISTURB_FILE: disturbFile,
            }),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    starts++;
    // Nobody is left to stop it when the sweep is broken off.
    const reap = () => child.kill('SIGKILL');
    process.once('exit', reap);
    const { promise: ready, resolve: onReady } = Promise.withResolvers<void>();
    for (const output of [child.stdout, child.stderr]) {
      createInterface({ input: output }).on('line', (line) => {
        lines.push(line);
        if (line.includes('"msg":"ready"')) onReady();
      });
    }
    let stopping = false;
    const exited = new Promise<number | 'killed' | null>((resolve) => {
      child.once('exit', async (code, signal) => {
        process.off('exit', reap);
        if (signal === 'SIGKILL' && !closing) {
          lost += await countInFlight(database);
          running = start();
        }
        resolve(signal === 'SIGKILL' ? 'killed' : code);
        if (signal !== 'SIGKILL' && !closing && !stopping) {
          reject(new Error(`the bot ended by itself with ${code ?? signal}`));
        }
      });
    });
    return {
      ready,
      exited,
      async stop(): Promise<'stopped' | 'killed'> {
        stopping = true;
        child.kill('SIGTERM');
        const code = await exited;
        if (code === 'killed') return 'killed';
        if (code !== 0) throw new Error(`the bot answered SIGTERM with ${code}`);
        return 'stopped';
      },
      async kill() {
        child.kill('SIGKILL');
        await exited;
      },
    };
  }

  return {
    ended,
    starts: () => starts,
    lost: () => lost,
    isDisturbed: () => isDisturbed,
    logTail: () => lines.slice(-30),
    /** The process that runs now, once it has connected; one that was killed never does. */
    async ready() {
      for (;;) {
        const current = running;
        await Promise.race([current.ready, current.exited]);
        if (current === running) return current;
      }
    },
    async kill() {
      closing = true;
      clearInterval(watcher);
      await running.kill();
    },
  };
}

const IN_FLIGHT = `
  select count(*) as calls from requests join batches on batches.id = requests.batch
    where batches.stage = 'asking' and requests.asks > 0 and requests.outcome is null
  union all select count(*) from rehearsal_verdicts where asks > tries and outcome is null`;

/** Reads from the database of a bot that has died which express calls it had begun. */
async function countInFlight(database: WorldDatabase): Promise<number> {
  const counts = await database.read<{ calls: number }>(IN_FLIGHT);
  return counts.reduce((sum, { calls }) => sum + Number(calls), 0);
}

const OPEN_WORK = `
  select 'effect ' || key || ' is ' || state || ' ' || coalesce(trouble, '') as work
    from outbox where ended_at is null
  union all select 'run ' || id || ' is ' || stage from runs where ended_at is null
  union all select 'summary ' || id || ' is to be refreshed' from runs where stale_at is not null
  union all select 'channel ' || channel || ' is to be judged again' from rejudgements
    where stage != 'done'
  union all select 'forgetting ' || id || ' is ' || stage from forgettings where ended_at is null
  union all select 'rehearsal ' || id || ' is ' || stage from rehearsals where stage = 'judging'
  union all select 'act ' || id || ' is not taken' from acts where state = 'asked'
  union all select 'batch ' || batches.id || ', for which nobody waits, is ' || batches.stage
    from batches join runs on runs.id = batches.run
    where batches.stage in ('submitting', 'submitted', 'ended') and runs.ended_at is not null
      and runs.hurried_at is not null`;

async function untilPlanned(database: WorldDatabase): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while ((await database.read(`select key from schedules where key = 'summary'`)).length === 0) {
    if (Date.now() > deadline) throw new Error('no summary was ever planned');
    await pause(50);
  }
}

/** Reads the bot's database from outside until no effect, run or act is open any more. */
export async function untilIdle(database: WorldDatabase): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const open = await database.read<{ work: string }>(OPEN_WORK);
    if (open.length === 0) return;
    if (Date.now() > deadline) {
      throw new Error(`never at rest: ${open.map(({ work }) => work).join('; ')}`);
    }
    await pause(50);
  }
}
