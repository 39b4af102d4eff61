import { mkdtempSync, rmSync } from 'node:fs';
import { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { App } from '@slack/bolt';
import type { RawBuilder } from 'kysely';
import { onTestFinished } from 'vitest';
import { ChangeWatch, type WaitOptions } from '../sim/claude/change-watch.ts';
import { type ClaudeSim, type ClaudeSimOptions, startClaudeSim } from '../sim/claude/claude-sim.ts';
import { type SlackSim, type SlackSimOptions, startSlackSim } from '../sim/slack/slack-sim.ts';
import type { SimMessage } from '../sim/slack/types.ts';
import { createClaude } from '../src/claude/batches.ts';
import type { Clock } from '../src/core/clock.ts';
import { backoffMs } from '../src/core/delivery/backoff.ts';
import { DEFAULT_EMOJI } from '../src/core/people/acts.ts';
import { DEFAULT_TAXONOMY } from '../src/core/runs/taxonomy.ts';
import type { ServerSettings, Settings } from '../src/core/settings/settings.ts';
import { type Context, createContext, earliest, type NextAt } from '../src/jobs/context.ts';
import { loadChannelIds } from '../src/jobs/intake/channel-ids.ts';
import type { Event, Job } from '../src/jobs/job.ts';
import { JOBS } from '../src/jobs/registry.ts';
import { createCauses, runTask } from '../src/jobs/runner.ts';
import { loadSettings } from '../src/jobs/settings/in-force.ts';
import { createApp } from '../src/listeners/app.ts';
import { createHttpReceiver } from '../src/listeners/http-receiver.ts';
import { SocketReceiver } from '../src/listeners/socket-receiver.ts';
import { createSlack } from '../src/slack/client.ts';
import { toSlackLogger } from '../src/slack/logger.ts';
import { identify, SlackReadError } from '../src/slack/read.ts';
import { createFreshDatabase } from './fresh-database.ts';
import { type HostedOptions, KeyVault } from './hosted.ts';
import { createImpatience } from './impatience.ts';
import { interfere } from './interfere.ts';
import { createPlanWatch } from './plans.ts';
import { onPostgres } from './postgres/fresh-workspace.ts';

/**
 * A clock of the test's own, which both stand-ins go by as well: it stands still until somebody
 * sleeps, which costs no time, or the test jumps ahead.
 */
export interface TestClock extends Clock {
  jump(ms: number): void;
  /** A millisecond that nothing else happens in, for what happens in Slack. */
  tick(): number;
  /** Waits that can be called off and have not been: a watchdog's. Ends those of `ms`. */
  fire(ms: number): void;
}

/** A Monday. */
const START = Date.parse('2026-11-23T10:00:00Z');

export function createTestClock(): TestClock {
  // In whole milliseconds, as a real clock.
  let time = START;
  const watching = new Set<{ ms: number; end: () => void }>();
  return {
    now: () => time,
    jump(ms) {
      time += Math.ceil(ms);
    },
    tick() {
      time += 2;
      return time - 1;
    },
    fire(ms) {
      for (const watchdog of [...watching]) if (watchdog.ms === ms) watchdog.end();
    },
    async sleep(ms, signal) {
      if (!signal) {
        time += Math.ceil(ms);
        return;
      }
      if (signal.aborted) return;
      await new Promise<void>((resolve) => {
        const watchdog = { ms, end: () => {} };
        watchdog.end = () => {
          watching.delete(watchdog);
          resolve();
        };
        watching.add(watchdog);
        signal.addEventListener('abort', watchdog.end, { once: true });
      });
    },
  };
}

interface LogLine {
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  [field: string]: unknown;
}

export type StageSettings = Partial<Omit<ServerSettings, 'defaults'> & Settings>;

/** No reminders and no schedule: a test that wants one says so. */
const DEFAULT_SETTINGS = {
  emoji: DEFAULT_EMOJI,
  model: 'claude-haiku-5-5',
  batchPollMs: 1000,
  expressUpToUsd: 0,
  monthlyBudgetUsd: null,
  summaryLatenessMs: 600_000,
  needsShown: 7,
  redact: true,
  retentionMs: null,
  // A test that wants to be asked says so.
  unsureBelow: 0,
  feedbackChannels: [],
  summarySchedule: '0 0 29 2 *',
  classifySchedule: null,
  timeZone: 'UTC',
  taxonomy: DEFAULT_TAXONOMY,
  remindAfterMs: null,
  closeTheLoop: false,
  asTheyCome: false,
};

function toServerSettings(settings: StageSettings = {}): ServerSettings {
  const all = { ...DEFAULT_SETTINGS, ...settings };
  const {
    emoji,
    model,
    batchPollMs,
    expressUpToUsd,
    monthlyBudgetUsd,
    summaryLatenessMs,
    needsShown,
    redact,
    retentionMs,
    unsureBelow,
    feedbackChannels,
    ...defaults
  } = all;
  return {
    emoji,
    model,
    batchPollMs,
    expressUpToUsd,
    monthlyBudgetUsd,
    summaryLatenessMs,
    needsShown,
    redact,
    retentionMs,
    unsureBelow,
    feedbackChannels,
    defaults,
  };
}

export interface StageOptions {
  slack?: SlackSimOptions;
  claude?: ClaudeSimOptions;
  /** Settings of the environment; the rest is as in `DEFAULT_SETTINGS`. */
  settings?: StageSettings;
  /** A bot that the workspace has installed by OAuth; default: one of its own. */
  hosted?: HostedOptions;
  /** A file instead of memory, so that the bot can be restarted. */
  onDisk?: boolean;
  /** Notes what the bot asks of its database, for `wholeReads`. */
  watchPlans?: boolean;
  /** The bot's calls that a stand-in lets hang time out at once. */
  impatient?: boolean;
  /** A clock of another kind. */
  clock?: TestClock;
  /** Multiplies the bot's own pacing; default 1000. */
  rateScale?: number;
}

export interface Stage {
  slack: SlackSim;
  claude: ClaudeSim;
  clock: TestClock;
  /** What the bot works with; another one after a restart. */
  readonly context: Context;
  /** #feedback, which the bot is in. */
  channel: string;
  /** A person in it. */
  user: string;
  logs: LogLine[];
  /** What the listeners woke, in their order. */
  woken: string[];
  /** Where the files of the database are; undefined when it is in memory. */
  directory: string | undefined;
  /** Where Slack sends its events once connected over HTTP. */
  requestUrl: string;
  /**
   * Connects the real Bolt app, over Socket Mode unless said otherwise, and lets it into the channel.
   * @param inviter who has added it, and is greeted; default: nobody
   */
  connect(how?: 'socket' | 'http', inviter?: string): Promise<App>;
  /** Types the command as `user`; resolves with what the bot says to them alone. */
  type(text?: string, where?: { channel?: string; user?: string }): Promise<string>;
  /** Waits for something that the bot has logged or woken; asked again at each of them. */
  waitFor<T>(predicate: () => T, options?: WaitOptions): Promise<T>;
  /** Runs the jobs once. */
  step(): Promise<NextAt>;
  /**
   * Runs the jobs by hand until nothing is left to do, jumping to whatever they wait for; or until
   * `done` says so.
   * @param rounds fails loudly when they never come to rest
   */
  settle(done?: () => unknown, rounds?: number): Promise<void>;
  /**
   * The process is gone and started again, on the same database; not connected yet.
   * @param meanwhile what happens to its files in between
   */
  restart(meanwhile?: () => void): Promise<void>;
  /** Puts other settings in force, as if they had been saved. */
  changeSettings(changed: StageSettings): void;
  /** Rows of the database. */
  rows<T = Record<string, unknown>>(query: RawBuilder<T>): Promise<T[]>;
  /** The bot's statements that read a whole table; see `watchPlans`. */
  wholeReads(): Promise<string[]>;
  /** Makes every insert into a table fail, until it is called off. */
  refuseInserts(table: string): Promise<() => Promise<void>>;
  /** The bot's posts in a channel, oldest first. */
  posts(channel?: string): SimMessage[];
  /** The names of the bot's reactions on a message. */
  reactionsOf(ts: string): string[];
}

/** Both stand-ins, a database in memory and everything of the bot but its timers. */
export async function startStage(options: StageOptions = {}): Promise<Stage> {
  const clock = options.clock ?? createTestClock();
  const impatience = options.impatient ? createImpatience(clock.fire) : undefined;
  const onHang = impatience && { onHang: impatience.onHang };
  const slack = await startSlackSim({
    rateLimits: false,
    ackTimeoutMs: 60_000,
    // Slack's own are minutes apart.
    retryDelaysMs: Array(1000).fill(20),
    now: () => clock.tick(),
    ...onHang,
    ...options.slack,
  });
  const claude = await startClaudeSim({
    batchMs: 0,
    now: () => clock.now(),
    // The bot waits for an answer that takes its time: nobody else moves the clock meanwhile.
    advance: (to) => clock.jump(to - clock.now()),
    ...onHang,
    ...options.claude,
  });
  const changes = new ChangeWatch();
  const logs: LogLine[] = [];
  const write = (level: LogLine['level']) => (fields: object, message: string) => {
    logs.push({ level, message, ...fields });
    changes.notify();
  };
  const log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
  const logger = toSlackLogger(log, false);
  const { rateScale = 1000 } = options;
  const directory = options.onDisk ? mkdtempSync(path.join(tmpdir(), 'winnow-')) : undefined;
  const database = await createFreshDatabase(directory && path.join(directory, 'winnow.db'));

  const user = slack.addUser({ name: 'ana', realName: 'Ana' });
  const connect = (apiKey: string | null) =>
    createClaude({
      ...{ apiKey, baseUrl: claude.url },
      ...(impatience && { fetch: impatience.fetch }),
    });
  const vault =
    options.hosted && new KeyVault(options.hosted, { accepted: claude.apiKey, connect });

  // They are SQLite's.
  const plans = options.watchPlans && !onPostgres ? createPlanWatch() : undefined;
  const boot = async (): Promise<Context> => {
    const api = createSlack(
      {
        token: slack.botToken,
        apiUrl: slack.apiUrl,
        rateScale,
        logger,
        ...(impatience && { fetch: impatience.fetch }),
      },
      clock,
    );
    const db = await database.open(plans?.log);
    const services = {
      db,
      slack: api,
      claude: vault?.connect() ?? connect(claude.apiKey),
      clock,
      log,
    };
    const { settings } = await loadSettings(services, toServerSettings(options.settings));
    const booted = createContext(services, await identify(api), settings, {
      hosted: vault?.describe(options.hosted?.installedBy ?? user) ?? null,
    });
    await loadChannelIds(booted);
    return booted;
  };
  let context = await boot();
  let app: App | undefined;
  const shutDown = async () => {
    await app?.stop();
    app = undefined;
    await context.db.destroy();
  };
  onTestFinished(async () => {
    await shutDown();
    await Promise.all([slack.stop(), claude.stop()]);
    if (directory) rmSync(directory, { recursive: true });
  });

  const channel = slack.addChannel({ name: 'feedback', members: [user] });
  const woken: string[] = [];
  let causes = createCauses(JOBS);
  const dueAt = new Map<Job, number>();
  const wake = (cause: string) => {
    for (const job of causes.add(cause)) dueAt.delete(job);
  };
  const emit = (event: Event) => {
    wake(event);
    woken.push(event);
    changes.notify();
  };

  // Jobs are never cut short here: a stage ends between them.
  const { signal } = new AbortController();
  let wokenByLane = false;
  const runJob = async (job: Job): Promise<NextAt> => {
    if ('run' in job) {
      const nextAt = await runTask(context, job, { causes, emit, signal });
      wake(job.name);
      return nextAt;
    }
    const lanes = await job.listLanes(context);
    const run = (lane: string) =>
      job.runLane(context, lane, signal, (event) => {
        emit(event);
        wokenByLane = true;
      });
    return earliest(await Promise.all(lanes.map(run)));
  };
  let failures = 0;
  /** As the bot's loops do, it logs that Slack could not be read, and tries again later. */
  const tryJob = async (job: Job): Promise<NextAt> => {
    try {
      const nextAt = await runJob(job);
      failures = 0;
      return nextAt;
    } catch (error) {
      if (!(error instanceof SlackReadError)) throw error;
      log.error({ err: error, job: job.name }, 'a job failed; it is tried again');
      failures++;
      return clock.now() + backoffMs(failures);
    }
  };
  /** A routine runs when it is due or woken; every other job in each step. */
  const isDue = (job: Job): boolean => {
    if (job.begins && !woken.includes(job.begins)) return false;
    return !job.routine || clock.now() >= (dueAt.get(job) ?? 0);
  };
  const stage: Stage = {
    slack,
    claude,
    clock,
    get context() {
      return context;
    },
    channel,
    user,
    logs,
    woken,
    directory,
    requestUrl: '',
    waitFor: (predicate, waiting) => changes.waitFor(predicate, waiting),
    async connect(how = 'socket', inviter) {
      const { appToken, apiUrl, signingSecret } = slack;
      const receiver =
        how === 'http'
          ? createHttpReceiver({
              signingSecret,
              port: 0,
              logger,
              log: context.log,
              onHeldBack: () => emit('reconnected'),
            })
          : new SocketReceiver({
              appToken,
              apiUrl,
              logger,
              clock,
              log: context.log,
              connection: context.connection,
              onReconnected: () => emit('reconnected'),
            });
      app = createApp(context, emit, { apiUrl, logger, receiver });
      const server: unknown = await app.start();
      if (server instanceof Server) {
        const { port } = server.address() as AddressInfo;
        stage.requestUrl = `http://127.0.0.1:${port}/slack/events`;
        slack.deliverByHttp(stage.requestUrl);
      }
      emit('connected');
      slack.join(channel, slack.botUserId, inviter);
      await slack.idle();
      return app;
    },
    async type(text = '', where = {}) {
      // A busy machine may lose its connection for a moment.
      await slack.waitFor(() => stage.requestUrl !== '' || slack.sockets.count() > 0);
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
    async step() {
      const times: NextAt[] = [];
      wokenByLane = false;
      // What has just been posted may be linked to; the bot looks after that every two seconds.
      const afterPosting = JOBS.filter(({ after }) => after.includes('acts'));
      for (const job of [...JOBS, ...afterPosting]) {
        if (!isDue(job)) continue;
        const nextAt = await tryJob(job);
        const { everyMs = Number.POSITIVE_INFINITY } = job;
        dueAt.set(job, Math.min(nextAt ?? Number.POSITIVE_INFINITY, clock.now() + everyMs));
        if (!job.routine) times.push(nextAt);
      }
      // What a lane has woken runs at once.
      return wokenByLane ? clock.now() : earliest(times);
    },
    async settle(done, rounds = 50) {
      for (let round = 0; round < rounds; round++) {
        const next = await stage.step();
        if (done?.() || (!done && next === null)) return;
        if (next !== null) clock.jump(Math.max(0, next - clock.now()));
      }
      throw new Error(`still not at rest: ${JSON.stringify(logs.slice(-5))}`);
    },
    async restart(meanwhile = () => {}) {
      if (!directory) throw new Error('a database in memory is lost with its process: onDisk');
      await shutDown();
      meanwhile();
      causes = createCauses(JOBS);
      dueAt.clear();
      woken.length = 0;
      context = await boot();
    },
    changeSettings(changed) {
      context.replaceSettings({ ...context.settings, ...changed });
    },
    async rows(query) {
      plans?.ignore(query.compile(context.db).sql);
      return (await query.execute(context.db)).rows;
    },
    wholeReads: async () => plans?.listWholeReads(context.db) ?? [],
    refuseInserts: (table) => interfere(context.db, { on: `before insert on ${table}` }),
    posts: (where = channel) =>
      slack.messages(where).filter(({ bot_id }) => bot_id === slack.botId),
    reactionsOf: (ts) =>
      (slack.message(channel, ts)?.reactions ?? [])
        .filter(({ users }) => users.includes(slack.botUserId))
        .map(({ name }) => name)
        .sort(),
  };
  return stage;
}

/** A connected stage with these messages in its channel; their timestamps in the same order. */
export async function startWith(
  texts: string[],
  options: StageOptions = {},
): Promise<Stage & { sent: string[] }> {
  const stage = await startStage(options);
  await stage.connect();
  const { slack, channel, user } = stage;
  const sent = texts.map((text) => slack.post({ channel, user, text }));
  await slack.idle();
  return Object.defineProperties({ sent }, Object.getOwnPropertyDescriptors(stage)) as Stage & {
    sent: string[];
  };
}
