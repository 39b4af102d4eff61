import type { Receiver } from '@slack/bolt';
import { pino } from 'pino';
import { type Claude, checkModel, createClaude } from './claude/batches.ts';
import { type Config, ConfigError, describeEmojiClashes, readConfig } from './config.ts';
import type { Log } from './core/log.ts';
import { advanceRuns } from './jobs/advance.ts';
import { loadSettings, settingsOf } from './jobs/apply-settings.ts';
import { CatchUp } from './jobs/catch-up.ts';
import { backoffMs, type Deps } from './jobs/deps.ts';
import { runExports } from './jobs/export.ts';
import { flushLane } from './jobs/flush.ts';
import { drawHomes } from './jobs/homes.ts';
import { indexWords } from './jobs/index-words.ts';
import { type Loop, startLoop, systemClock } from './jobs/loop.ts';
import { lookUpNames } from './jobs/names.ts';
import { makeOffers } from './jobs/offer.ts';
import { refreshDigests } from './jobs/refresh.ts';
import { rejudge } from './jobs/rejudge.ts';
import { remind } from './jobs/remind.ts';
import { runSchedules } from './jobs/schedule.ts';
import { sweep } from './jobs/sweep.ts';
import { takeActs } from './jobs/take-acts.ts';
import { takeThemeActs } from './jobs/take-theme-acts.ts';
import { createApp } from './listeners/app.ts';
import { createHttpReceiver } from './listeners/http-receiver.ts';
import { SocketReceiver } from './listeners/socket-receiver.ts';
import { createSlack, type Slack } from './slack/client.ts';
import { toSlackLogger } from './slack/logger.ts';
import { identify, SlackReadError } from './slack/read.ts';
import { openDatabase } from './store/database.ts';
import { lockDatabase } from './store/lock.ts';
import { listOpenLanes } from './store/outbox.ts';

/** Wires everything, starts it, and on SIGTERM or SIGINT drains and stops it. */

/** Something that only a person can mend: shown as it is, without a stack. */
class StartError extends Error {}

const SWEEP_MS = 3 * 60_000;

/** Effects are written in many places; most wake the outbox, and none waits longer than this. */
const OUTBOX_MS = 2_000;

const REMIND_MS = 10 * 60_000;

const DAY_MS = 24 * 3_600_000;

/** Edits and deletions that came while nobody was listening are looked for so far back. */
const START_LOOK_BACK_MS = 3 * DAY_MS;
const RECONNECT_LOOK_BACK_MS = 10 * 60_000;

/** Whatever is not done by then is resumed by the next start: every stage is committed. */
const DRAIN_MS = 8_000;

async function start(config: Config, log: pino.Logger): Promise<() => Promise<void>> {
  const clock = systemClock;
  const { incoming, botToken, apiUrl, rateScale } = config.slack;
  const slackLogger = toSlackLogger(log, log.isLevelEnabled('debug'));
  const slack = createSlack({ token: botToken, apiUrl, rateScale, logger: slackLogger }, clock);
  const claude = createClaude(config.claude);
  const { db, unlock } = await openDatabaseAlone(config.databaseFile);
  const [{ workspaceUrl, ...self }] = await Promise.all([
    identifyPatiently(slack, log),
    checkClaude(claude, config.claude.model, log),
  ]);
  const deps: Deps = {
    db,
    slack,
    claude,
    clock,
    log,
    self,
    catchUp: new CatchUp(),
    workspaceUrl,
    taxonomy: config.taxonomy,
    // Whatever counts, it is found below.
    taxonomyVersion: 0,
    emoji: config.emoji,
    remindAfterMs: config.remindAfterMs,
    closeTheLoop: config.closeTheLoop,
    model: config.claude.model,
    batchPollMs: config.claude.batchPollMs,
    timeZone: config.timeZone,
    feedbackChannels: config.feedbackChannels,
    summarySchedule: config.summarySchedule,
    classifySchedule: config.classifySchedule,
    environment: settingsOf(config),
  };
  await applySaved(deps);
  deps.catchUp.missEvents(clock.now());

  const stopping = new AbortController();
  let lookBackMs = START_LOOK_BACK_MS;
  const loops: Loop[] = [];
  const loop = (name: string, job: Parameters<typeof startLoop>[1]) => {
    const started = startLoop(name, job, { clock, log });
    loops.push(started);
    return started;
  };
  // A loop for each lane: a summary does not wait for the reactions of another channel.
  const lanes = new Map<string, Loop>();
  const outbox = loop('outbox', async () => {
    for (const lane of await listOpenLanes(db)) {
      const running = lanes.get(lane);
      if (running) running.wake();
      else
        lanes.set(
          lane,
          loop(`flush ${lane}`, () => flushLane(deps, lane, stopping.signal)),
        );
    }
    return clock.now() + OUTBOX_MS;
  });
  const runs = loop('advance', async () => {
    const next = await advanceRuns(deps);
    outbox.wake();
    digests.wake();
    return next;
  });
  const digests = loop('refresh', async () => {
    const next = await refreshDigests(deps);
    outbox.wake();
    return next;
  });
  const people = loop('people', async () => {
    await takeActs(deps);
    await takeThemeActs(deps);
    outbox.wake();
    digests.wake();
    // A card that has only now been posted may have brought some.
    return clock.now() + OUTBOX_MS;
  });
  const reminders = loop('remind', async () => {
    const next = await remind(deps);
    outbox.wake();
    // Flags are opened and closed in many places; none is reminded of more than this late.
    return Math.min(next ?? Number.POSITIVE_INFINITY, clock.now() + REMIND_MS);
  });
  const schedule = loop('schedule', async () => {
    const next = await runSchedules(deps);
    runs.wake();
    return next;
  });
  const rejudging = loop('rejudge', async () => {
    const next = await rejudge(deps);
    runs.wake();
    return next;
  });
  const names = loop('names', () => lookUpNames(deps));
  loop('index', () => indexWords(deps));
  const exporting = loop('export', async () => {
    const next = await runExports(deps);
    outbox.wake();
    return next;
  });
  const homes = loop('homes', () => drawHomes(deps));

  // Begun once connected, so that no message can come between the sweep and the first event.
  let channels: Loop | undefined;
  const onMissed = () => {
    deps.catchUp.missEvents(clock.now());
    lookBackMs = Math.max(lookBackMs, RECONNECT_LOOK_BACK_MS);
    channels?.wake();
  };
  const receiver: Receiver =
    incoming.kind === 'http'
      ? createHttpReceiver({ ...incoming, logger: slackLogger, log, onHeldBack: onMissed })
      : new SocketReceiver({
          appToken: incoming.appToken,
          apiUrl,
          logger: slackLogger,
          clock,
          log,
          onReconnected: onMissed,
        });
  const app = createApp(
    deps,
    {
      messages: () => {
        names.wake();
        people.wake();
      },
      people: () => people.wake(),
      runs: () => {
        runs.wake();
        // Somebody may have typed the command for the first time, or have asked for something.
        names.wake();
        exporting.wake();
        outbox.wake();
      },
      channels: () => channels?.wake(),
      homes: () => {
        names.wake();
        homes.wake();
      },
      settings: () => {
        for (const changed of [schedule, reminders, rejudging]) changed.wake();
      },
    },
    { botToken, apiUrl, logger: slackLogger, receiver },
  );
  await app.start().catch((error: unknown) => {
    throw new StartError(
      incoming.kind === 'http'
        ? `PORT: cannot listen on ${incoming.port}: ${(error as Error).message}`
        : `SLACK_APP_TOKEN: Slack refuses it (${(error as Error).message}). Make one with connections:write under Basic Information, App-Level Tokens.`,
    );
  });
  // Whatever came to nobody until now: the first sweep begins from here.
  deps.catchUp.missEvents(clock.now());
  channels = loop('sweep', async () => {
    const back = lookBackMs;
    lookBackMs = 0;
    let complete = false;
    try {
      complete = await sweep(deps, { lookBackMs: back, onRead: () => runs.wake() });
    } finally {
      // What could not be looked for is looked for the next time.
      if (!complete) lookBackMs = Math.max(lookBackMs, back);
    }
    names.wake();
    people.wake();
    schedule.wake();
    reminders.wake();
    await makeOffers(deps);
    outbox.wake();
    return clock.now() + SWEEP_MS;
  });
  log.info({ bot: self.userId, incoming: incoming.kind, model: deps.model }, 'ready');

  return async () => {
    stopping.abort();
    await Promise.all([app.stop(), ...loops.map((running) => running.stop())]);
    await db.destroy();
    unlock();
  };
}

/** Opens the database for this process only. */
async function openDatabaseAlone(file: string) {
  try {
    const unlock = lockDatabase(file);
    return { db: await openDatabase(file), unlock };
  } catch (error) {
    throw new StartError(`DATABASE_URL: ${file} cannot be used: ${(error as Error).message}`);
  }
}

/** What was saved in Slack outranks the environment. */
async function applySaved(deps: Deps): Promise<void> {
  const { saved, change } = await loadSettings(deps);
  if (!saved) return;
  deps.log.info(
    { settings: change?.id, user: change?.changedBy },
    'settings saved in Slack count, not those of the environment',
  );
  const [clash] = describeEmojiClashes(deps.emoji, deps.taxonomy);
  if (clash) {
    throw new StartError(`${clash}. The categories are those that were saved in Slack.`);
  }
}

/** Who the bot is. A token that Slack refuses stops the start; Slack being out does not. */
async function identifyPatiently(slack: Slack, log: Log) {
  for (let failures = 0; ; failures++) {
    try {
      return await identify(slack);
    } catch (error) {
      if (!(error instanceof SlackReadError)) throw error;
      if (error.code) {
        throw new StartError(
          `SLACK_BOT_TOKEN: Slack refuses it (${error.code}). Copy the Bot User OAuth Token again, from your app's OAuth & Permissions page.`,
        );
      }
      log.warn({ reason: error.message, failures }, 'Slack cannot be reached; trying again');
      await systemClock.sleep(backoffMs(failures));
    }
  }
}

/** A key or model that is no good stops the start; Claude being out does not: messages can wait. */
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

async function main(): Promise<void> {
  const config = readConfig();
  const log = pino({
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
  });
  // Before anything is begun there is nothing to drain.
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

main().catch((error: unknown) => {
  const forPerson = error instanceof ConfigError || error instanceof StartError;
  console.error(forPerson ? error.message : error);
  process.exit(1);
});
