import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { App, Receiver } from '@slack/bolt';
import { pino } from 'pino';
import { checkModel, createClaude } from './claude/batches.ts';
import type { Claude } from './claude/outgoing.ts';
import {
  type Config,
  ConfigError,
  describeEmojiClashes,
  readConfig,
  readEnvironment,
} from './config.ts';
import type { Clock } from './core/clock.ts';
import { backoffMs } from './core/delivery/backoff.ts';
import { adviseOnRefusal, isRefusedForNow } from './core/delivery/refusal-advice.ts';
import { isSlackError } from './core/delivery/slack-errors.ts';
import type { Log } from './core/log.ts';
import type { ServerSettings } from './core/settings/settings.ts';
import { createContext, type Services } from './jobs/context.ts';
import { loadChannelIds } from './jobs/intake/channel-ids.ts';
import type { Connection } from './jobs/intake/connection.ts';
import { systemClock } from './jobs/loop.ts';
import { JOBS } from './jobs/registry.ts';
import { startRunner } from './jobs/runner.ts';
import { loadSettings } from './jobs/settings/in-force.ts';
import { createApp } from './listeners/app.ts';
import { createSlack, type Slack } from './slack/client.ts';
import { toSlackLogger } from './slack/logger.ts';
import { identify, SlackReadError } from './slack/read.ts';
import { describeUnfit, findUnfit } from './store/db/file-system.ts';
import { DatabaseInUseError, lockDatabase } from './store/db/lock.ts';
import { openDatabase } from './store/db/open.ts';
import type { Db } from './store/db/tables.ts';

/** Wires everything, starts it, and on SIGTERM or SIGINT drains and stops it. */
/** Only a person can fix this. The message is shown as it is, without a stack. */
class StartError extends Error {}

/** The next start resumes what is not done by then, because every stage is committed. */
const DRAIN_MS = 8_000;

/** A process that takes over is ready soon after the other one has stopped. */
const TAKE_OVER_POLL_MS = 200;

async function createReceiver(
  { incoming, apiUrl }: Config['slack'],
  {
    onMissed,
    connection,
    ...more
  }: {
    clock: Clock;
    log: Log;
    logger: ReturnType<typeof toSlackLogger>;
    connection: Connection;
    onMissed: () => void;
  },
): Promise<Receiver> {
  if (incoming.kind === 'http') {
    const { createHttpReceiver } = await import('./listeners/http-receiver.ts');
    connection.begin(more.clock.now());
    return createHttpReceiver({ ...incoming, ...more, onHeldBack: onMissed });
  }
  const { SocketReceiver } = await import('./listeners/socket-receiver.ts');
  return new SocketReceiver({ ...incoming, ...more, apiUrl, connection, onReconnected: onMissed });
}

/** @returns stops the bot. What was begun is ended as well when the start fails. */
async function start(config: Config, log: pino.Logger): Promise<() => Promise<void>> {
  await using begun = new AsyncDisposableStack();
  const clock = systemClock;
  const { incoming, botToken, apiUrl, rateScale } = config.slack;
  const slackLogger = toSlackLogger(log, log.isLevelEnabled('debug'));
  const health = config.healthPort === null ? null : await beginHealth(config.healthPort, config);
  if (health) begun.defer(health.stop);
  const slack = createSlack(
    {
      ...{ token: botToken, apiUrl, rateScale, logger: slackLogger },
      observe: health?.observeSlack,
    },
    clock,
  );
  const claude = createClaude({ ...config.claude, ...health?.claudeOptions });
  const db = await openDatabaseAlone(config, log, begun);
  health?.watchDatabase(db, config.databaseFile);
  const [workspace] = await Promise.all([
    identifyPatiently(slack, log),
    checkClaude(claude, config.settings.model, log),
  ]);
  const services: Services = { db, slack, claude, clock, log };
  const settings = await loadSettingsChecked(services, config.settings);
  const context = createContext(services, workspace, settings);
  await loadChannelIds(context);
  health?.watchBot(context);

  // The bot has missed everything that was posted until now.
  context.catchUp.missEvents(clock.now());
  const runner = startRunner(context, JOBS);
  let started: App | undefined;
  begun.defer(async () => void (await Promise.all([started?.stop(), runner.stop()])));
  const onMissed = () => {
    context.catchUp.missEvents(clock.now());
    runner.emit('reconnected');
  };
  const receiver = await createReceiver(config.slack, {
    clock,
    log,
    logger: slackLogger,
    connection: context.connection,
    onMissed,
  });
  collectStartGarbage();
  const app = createApp(context, runner.emit, { botToken, apiUrl, logger: slackLogger, receiver });
  await app.start().catch((error: unknown) => {
    throw new StartError(
      incoming.kind === 'http'
        ? `PORT: cannot listen on ${incoming.port}: ${(error as Error).message}`
        : `SLACK_APP_TOKEN: Slack refuses it (${(error as Error).message}). Make one with connections:write under Basic Information, App-Level Tokens.`,
    );
  });
  started = app;
  // And what was posted before the connection; the first sweep begins here.
  context.catchUp.missEvents(clock.now());
  runner.emit('connected');
  log.info({ bot: workspace.self.userId, incoming: incoming.kind, model: settings.model }, 'ready');

  const running = begun.move();
  return () => running.disposeAsync();
}

/** Probes and metrics, from the start on. Only a bot that wants them loads what they need. */
async function beginHealth(port: number, { takeOverMs }: Config) {
  const { startHealth } = await import('./health/health.ts');
  return startHealth(port, systemClock, takeOverMs).catch((error: unknown) => {
    throw new StartError(`HEALTH_PORT: cannot listen on ${port}: ${(error as Error).message}`);
  });
}

/**
 * Collects the garbage of loading some 1,600 modules while nobody waits for an answer yet. V8 would keep it
 * for as long as the bot is idle. The call takes about 60 ms: docs/decisions/two-memory-settings.md.
 */
function collectStartGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: NodeJS.GCFunction = runInNewContext('gc');
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

/** Opens the database for this process only. */
async function openDatabaseAlone(
  { databaseFile: file, takeOverMs }: Config,
  log: Log,
  begun: AsyncDisposableStack,
): Promise<Db> {
  try {
    begun.defer(await lockPatiently(file, takeOverMs, log));
    const db = await openDatabase(file);
    begun.defer(() => db.destroy());
    return db;
  } catch (error) {
    throw new StartError(`DATABASE_URL: ${describeDatabaseTrouble(file, error as Error)}`);
  }
}

/** Without locks, SQLite says that somebody else has the database; without shared memory, an I/O error. */
function describeDatabaseTrouble(file: string, error: Error): string {
  const folder = path.dirname(path.resolve(file));
  const unfit = findUnfit(folder);
  if (unfit) return describeUnfit(folder, unfit).join(' ');
  return `${file} cannot be used: ${error.message}`;
}

/** Waits for another process to leave the database, as in a rolling deploy. */
async function lockPatiently(file: string, takeOverMs: number, log: Log): Promise<() => void> {
  const until = systemClock.now() + takeOverMs;
  for (let waited = false; ; waited = true) {
    try {
      return lockDatabase(file);
    } catch (error) {
      if (!(error instanceof DatabaseInUseError) || systemClock.now() >= until) throw error;
      if (!waited && findUnfit(path.dirname(path.resolve(file)))?.kind === 'no locks') throw error;
      if (!waited)
        log.info({ takeOverMs }, 'another Winnow has the database; waiting for it to stop');
      await systemClock.sleep(TAKE_OVER_POLL_MS);
    }
  }
}

/** Loads the settings in force. Those saved in Slack override the environment and must fit its emoji. */
async function loadSettingsChecked(services: Services, server: ServerSettings) {
  const { settings, saved, change } = await loadSettings(services, server);
  if (!saved) return settings;
  services.log.info(
    { settings: change?.id, user: change?.changedBy },
    'settings saved in Slack count, not those of the environment',
  );
  const [clash] = describeEmojiClashes(settings.emoji, settings.taxonomy);
  if (clash) {
    throw new StartError(`${clash}. The categories are those that were saved in Slack.`);
  }
  return settings;
}

/** Finds out who the bot is. Stops the start when Slack refuses the token; retries while Slack is down. */
async function identifyPatiently(slack: Slack, log: Log) {
  for (let failures = 0; ; failures++) {
    try {
      return await identify(slack);
    } catch (error) {
      if (!(error instanceof SlackReadError)) throw error;
      const { code, message: reason } = error;
      if (code && !isRefusedForNow(code)) {
        const what = isSlackError(code, 'token') ? 'it' : 'the app';
        throw new StartError(
          `SLACK_BOT_TOKEN: Slack refuses ${what} (${code}). ${adviseOnRefusal(code)}`,
        );
      }
      const advice = code && { advice: adviseOnRefusal(code) };
      log.warn({ reason, failures, ...advice }, 'Slack cannot be reached; trying again');
      await systemClock.sleep(backoffMs(failures));
    }
  }
}

/** Stops the start when the key or the model is refused, but not when Claude is down: messages can wait. */
async function checkClaude(claude: Claude, model: string, log: Log): Promise<void> {
  const answer = await checkModel(claude, model);
  switch (answer.kind) {
    case 'ok':
      if (answer.value.retiresAt) {
        log.warn({ model, retiresAt: answer.value.retiresAt }, 'the model will be retired');
      }
      return;
    case 'refused':
      throw new StartError(
        `CLAUDE_MODEL: ${model} cannot be used (${answer.reason}). Leave it out for the default, or name a model that does batches.`,
      );
    case 'blocked':
      if (answer.mend === 'key') {
        throw new StartError(
          `ANTHROPIC_API_KEY: Anthropic refuses it (${answer.reason}). Make a new one at platform.claude.com, API keys.`,
        );
      }
      log.warn({ reason: answer.reason }, 'Claude takes no work for now; messages are collected');
      return;
    case 'later':
    case 'unclear':
      log.warn({ reason: answer.reason }, 'Claude cannot be asked for now; messages are collected');
      return;
    default:
      answer satisfies never;
  }
}

/** Starts the bot, which runs until a signal ends it. Prints the reason when it cannot start. */
export async function runBot(): Promise<void> {
  await startWithSignals().catch(async (error: unknown) => {
    const forPerson = error instanceof ConfigError || error instanceof StartError;
    console.error(forPerson ? error.message : error);
    if (forPerson) await printDiagnosis();
    process.exit(1);
  });
}

/** One thing is wrong; another may be as well. What cannot be read of the settings has been said. */
async function printDiagnosis(): Promise<void> {
  const { examine } = await import('./doctor/examine.ts');
  const { renderSection } = await import('./doctor/report.ts');
  console.error('\nWhat npm run doctor says:');
  for await (const section of examine(readEnvironment(), systemClock)) {
    const lines = section.name === 'Settings' ? '' : renderSection(section);
    if (lines) console.error(lines);
  }
}

async function startWithSignals(): Promise<void> {
  const config = await readConfig();
  const log = pino({
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
  });
  // Nothing to drain until the start is done.
  let stop = async () => {};
  let stopped = false;
  const onSignal = async (signal: NodeJS.Signals) => {
    if (stopped) return;
    stopped = true;
    log.info({ signal }, 'stopping');
    const gaveUp = systemClock.sleep(DRAIN_MS).then(() => 'too long' as const);
    const ended = await Promise.race([stop().then(() => 'drained' as const), gaveUp]);
    log.info({ ended }, 'stopped');
    process.exit(0);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  stop = await start(config, log);
}
