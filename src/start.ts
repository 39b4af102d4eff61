import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Receiver } from '@slack/bolt';
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
import { checkPosts } from './start/check-posts.ts';
import { type Held, openDatabaseAlone } from './start/open-database.ts';
import { StartError } from './start/start-error.ts';

/** Wires everything, starts it, and on SIGTERM or SIGINT drains and stops it. */

/** The next start resumes what no job has done by then, because every stage is committed. */
const DRAIN_MS = 7_000;

/** By then the process has ended, whatever still goes on. */
const STOP_MS = 8_000;

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

/** How a stop ended: every job was done with what it did, or the time for it was over. */
type Stopped = 'drained' | 'too long';

/**
 * @param onLost is called when another process has taken the workspace over
 * @returns stops the bot. What was begun is ended as well when the start fails.
 */
async function start(
  config: Config,
  log: pino.Logger,
  onLost: () => void,
): Promise<() => Promise<Stopped>> {
  await using begun = new AsyncDisposableStack();
  const clock = systemClock;
  const { incoming, botToken, apiUrl, rateScale } = config.slack;
  const slackLogger = toSlackLogger(log, log.isLevelEnabled('debug'));
  const health = await beginHealth(config);
  if (health) begun.defer(health.stop);
  // Another process may have taken the workspace over: then this one must not act for it any more.
  let held: Held = async () => {};
  const fetchWhenHeld = whenHeld((signal) => held(signal), fetch);
  const slack = createSlack(
    {
      ...{ token: botToken, apiUrl, rateScale, logger: slackLogger, fetch: fetchWhenHeld },
      observe: health?.observeSlack,
    },
    clock,
  );
  const claude = createClaude({
    ...config.claude,
    fetch: health ? whenHeld((signal) => held(signal), health.claudeOptions.fetch) : fetchWhenHeld,
  });
  // What needs no database comes before the wait for it: meanwhile another process answers people.
  const [workspace] = await Promise.all([
    identifyPatiently(slack, log),
    checkClaude(claude, config.settings.model, log),
  ]);
  const opened = await openDatabaseAlone(config, { team: workspace.id, log, onLost }, begun);
  const { db } = opened;
  held = opened.held;
  health?.watchDatabase(db, config.database);
  const services: Services = { db, slack, claude, clock, log };
  const settings = await loadSettingsChecked(services, config.settings);
  const context = createContext(services, workspace, settings);
  await loadChannelIds(context);
  await checkPosts(context, config);
  health?.watchBot(context);
  // A process that stops leaves its port just after its database.
  await health?.listening.catch((error: Error) => {
    throw new StartError(`HEALTH_PORT: cannot listen on ${config.healthPort}: ${error.message}`);
  });

  // The bot has missed everything that was posted until now.
  context.catchUp.missEvents(clock.now());
  const runner = startRunner(context, JOBS);
  begun.defer(() => runner.stop());
  const onMissed = () => {
    context.catchUp.missEvents(clock.now());
    runner.emit('reconnected');
  };
  const receiver = await createReceiver(config.slack, {
    clock,
    log: context.log,
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
  begun.defer(() => app.stop().then(() => {}));
  // And what was posted before the connection; the first sweep begins here.
  context.catchUp.missEvents(clock.now());
  runner.emit('connected');
  log.info({ bot: workspace.self.userId, incoming: incoming.kind, model: settings.model }, 'ready');

  const running = begun.move();
  return async () => {
    // People are answered until the jobs are done, from the database. What they do, the next process carries out.
    const tooLong = systemClock.sleep(DRAIN_MS).then(() => 'too long' as const);
    const ended = await Promise.race([runner.stop().then(() => 'drained' as const), tooLong]);
    // A job that goes on needs the database until the process ends.
    if (ended === 'drained') await running.disposeAsync();
    else await app.stop();
    return ended;
  };
}

/** A `fetch` that waits first. */
function whenHeld(held: Held, next: typeof fetch): typeof fetch {
  return async (input, init) => {
    await held(init?.signal);
    return next(input, init);
  };
}

/** Probes and metrics, from the start on. Only a bot that wants them loads what they need. */
async function beginHealth({ healthPort, takeOverMs }: Config) {
  if (healthPort === null) return null;
  const { startHealth } = await import('./health/health.ts');
  return startHealth(healthPort, systemClock, takeOverMs);
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
  let stop = async (): Promise<Stopped> => 'drained';
  let stopped = false;
  const onSignal = async (signal: NodeJS.Signals) => {
    if (stopped) return;
    stopped = true;
    log.info({ signal }, 'stopping');
    const gaveUp = systemClock.sleep(STOP_MS).then(() => 'too long' as const);
    const ended = await Promise.race([stop(), gaveUp]);
    log.info({ ended }, 'stopped');
    process.exit(0);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  stop = await start(config, log, () => {
    log.error({}, 'another Winnow has taken over the workspace; ending');
    // What comes now is the other's: this one could not store it.
    process.exit(1);
  });
}
