import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Receiver } from '@slack/bolt';
import type { pino } from 'pino';
import { createClaude } from '../claude/batches.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Connection } from '../jobs/intake/connection.ts';
import { systemClock } from '../jobs/loop.ts';
import { createSlack } from '../slack/client.ts';
import { toSlackLogger } from '../slack/logger.ts';
import { beginHealth, listened } from './begin-health.ts';
import { checkPosts } from './check-posts.ts';
import { checkClaude, identifyPatiently } from './check-services.ts';
import { type Held, openDatabaseAlone, whenHeld } from './open-database.ts';
import { StartError } from './start-error.ts';
import { prepareContext, type Stopped, startWorkspace } from './workspace.ts';

/**
 * Starts the bot of one workspace, whose tokens are in the environment.
 * @param onLost is called when another process has taken the workspace over
 * @returns stops the bot. What was begun is ended as well when the start fails.
 */
export async function startOne(
  config: Config,
  log: pino.Logger,
  onLost: () => void,
): Promise<() => Promise<Stopped>> {
  await using begun = new AsyncDisposableStack();
  const clock = systemClock;
  const { incoming, botToken, apiUrl, rateScale } = config.slack;
  const logger = toSlackLogger(log, log.isLevelEnabled('debug'));
  const health = await beginHealth(config, log);
  if (health) begun.defer(health.stop);
  // Another process may have taken the workspace over: then this one must not act for it any more.
  let held: Held = async () => {};
  const fetchWhenHeld = whenHeld((signal) => held(signal), fetch);
  const stopping = new AbortController();
  const slack = createSlack(
    {
      ...{ token: botToken, apiUrl, rateScale, logger, fetch: fetchWhenHeld },
      stopping: stopping.signal,
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
  const services = { db, slack, claude, clock, log };
  const context = await prepareContext(services, workspace, config.settings);
  await checkPosts(context, config);
  health?.watchBot(context);
  // A process that stops leaves its port just after its database.
  await listened(health, config);
  const { app, connected, drain } = await startWorkspace(
    context,
    {
      ...{ apiUrl, logger, stopWaiting: () => stopping.abort() },
      async createReceiver(onMissed) {
        const { connection } = context;
        const receiver = await createReceiver(config.slack, {
          ...{ clock, log: context.log, logger, connection, onMissed },
        });
        collectStartGarbage();
        return receiver;
      },
    },
    begun,
  );
  await app.start().catch((error: unknown) => {
    throw new StartError(
      incoming.kind === 'http'
        ? `PORT: cannot listen on ${incoming.port}: ${(error as Error).message}`
        : `SLACK_APP_TOKEN: Slack refuses it (${(error as Error).message}). Make one with connections:write under Basic Information, App-Level Tokens.`,
    );
  });
  begun.defer(() => app.stop().then(() => {}));
  // The first sweep begins here.
  connected();
  const { model } = context.settings;
  log.info({ bot: workspace.self.userId, incoming: incoming.kind, model }, 'ready');

  const running = begun.move();
  return async () => {
    const ended = await drain();
    // A job that goes on needs the database until the process ends.
    if (ended === 'drained') await running.disposeAsync();
    else await app.stop();
    return ended;
  };
}

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
    const { createHttpReceiver } = await import('../listeners/http-receiver.ts');
    connection.begin(more.clock.now());
    return createHttpReceiver({ ...incoming, ...more, onHeldBack: onMissed });
  }
  const { SocketReceiver } = await import('../listeners/socket-receiver.ts');
  return new SocketReceiver({ ...incoming, ...more, apiUrl, connection, onReconnected: onMissed });
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
