import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backstage } from '../sim/slack/backstage.ts';
import { playFeedback, type StandIns, startStandIns } from '../sim/stand-ins.ts';
import { createBackstage } from './backstage/backstage.ts';
import { createBotPanel } from './backstage/bot.ts';
import { createClaudePanel } from './backstage/claude.ts';
import { createClaudeStandInPanel } from './backstage/claude-stand-in.ts';
import { createConnectionPanel } from './backstage/connection.ts';
import { createFeedbackPanel } from './backstage/feedback.ts';
import { type BotKeeper, keepBot } from './bot-keeper.ts';
import { type ClaudeChoice, chooseEnvironment, describeDemo, listSteps } from './claude-choice.ts';
import { readManifest } from './manifest.ts';

/**
 * The demo with its page: both stand-ins, the bot as a separate process with a fresh database, feedback
 * of the last days, and the backstage.
 */

export interface DemoOptions {
  claude: ClaudeChoice;
  /** Builds the page; resolves with its folder. */
  buildPage: () => Promise<string>;
  /** Used if it is free; default any. */
  port?: number;
  /** How many messages the channel has at the start. */
  messages?: number;
  /** How long a batch of the Claude stand-in takes, in ms. */
  batchMs?: number;
  /** Multiplies both Slack's limits and the bot's pace. */
  rateScale?: number;
  /** How long Slack waits for an acknowledgement; default its own 3 s. */
  ackTimeoutMs?: number;
  /** How long the page waits for the bot; default 5 s. */
  patienceMs?: number;
  /** Aborts the start: stops everything started so far and rejects. */
  signal?: AbortSignal;
}

export interface Demo {
  /** The address of the page. */
  url: string;
  standIns: StandIns;
  bot: BotKeeper;
  backstage: Backstage;
  /** Ends all processes, closes all ports and removes all files. */
  stop(): Promise<void>;
}

/** Takes seconds instead of minutes, but is slow enough to watch the reactions appear. */
const RATE_SCALE = 60;

/** Long enough to watch a batch, and to kill the bot meanwhile. */
const BATCH_MS = 6000;

const MESSAGES = 60;

/** A bot that is not connected by then, because Claude does not answer, is shown as starting. */
const PATIENCE_MS = 5000;

/** The first messages are spread over this time, so that charts show a trend. */
const PAST_MS = 12 * 24 * 3_600_000;

/** Relative gaps between messages, repeated: feedback does not arrive evenly. */
const GAPS = [2, 1, 1, 7, 1, 1, 1, 9, 3, 1, 12, 2];

export async function startDemo({
  claude,
  buildPage,
  port = 0,
  messages = MESSAGES,
  batchMs = BATCH_MS,
  rateScale = RATE_SCALE,
  patienceMs = PATIENCE_MS,
  ackTimeoutMs,
  signal,
}: DemoOptions): Promise<Demo> {
  const begun: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    // In reverse order, each once.
    for (let end = begun.pop(); end; end = begun.pop()) await end();
  };
  try {
    const building = buildPage();
    // Awaited below, unless the start fails before.
    building.catch(() => {});
    const { commands, shortcuts, ...app } = readManifest();
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    let behindMs = PAST_MS;
    const standIns = await startOn(port, {
      rateScale,
      batchMs,
      timeZone,
      app: {
        ...app,
        commands: commands.map(({ command }) => command),
        ...(ackTimeoutMs !== undefined && { ackTimeoutMs }),
      },
      now: () => Date.now() - behindMs,
    });
    begun.push(() => standIns.stop());
    const folder = await mkdtemp(path.join(tmpdir(), 'winnow-demo-'));
    begun.push(() => rm(folder, { recursive: true, force: true }));
    signal?.throwIfAborted();
    const bot = keepBot({
      ...chooseEnvironment(standIns.environment, claude),
      DATABASE_URL: `sqlite:${path.join(folder, 'winnow.db')}`,
      TIMEZONE: timeZone,
    });
    begun.push(() => bot.end());

    const { slack, channel } = standIns;
    const backstage = createBackstage(describeDemo(claude), listSteps(commands[0]?.command ?? ''));
    // Runs before the bot is ended and repairs what is broken, so that the bot ends soon.
    begun.push(() => backstage.stop());
    const { changed } = backstage;
    backstage.add(createFeedbackPanel(standIns, { played: messages, changed }));
    backstage.add(
      claude.kind === 'real'
        ? createClaudePanel(bot, { slack, channel, changed })
        : createClaudeStandInPanel(standIns.claude, { batchMs, changed }),
    );
    backstage.add(createBotPanel(bot, changed));
    backstage.add(createConnectionPanel(slack, changed));

    const connected = Promise.race([bot.settled(), sleep(patienceMs, undefined, { ref: false })]);
    const [root] = await unlessAborted(Promise.all([building, connected]), signal);
    // As if the bot had joined days ago. It has collected these messages before the page is shown, so
    // that the first command finds them.
    for (const [n, behind] of spread(messages).entries()) {
      behindMs = behind;
      playFeedback(standIns, 1, { from: n });
    }
    behindMs = 0;
    await unlessAborted(slack.idle({ ignoreRetries: true }), signal);
    const url = slack.servePage({ root, backstage, commands, shortcuts });
    return { url, standIns, bot, backstage, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** How many ms ago each of `count` messages was posted, oldest first. */
function spread(count: number): number[] {
  const gaps = Array.from({ length: count + 1 }, (_, n) => GAPS[n % GAPS.length] ?? 1);
  const whole = gaps.reduce((sum, gap) => sum + gap, 0);
  let left = whole;
  return gaps.slice(0, count).map((gap) => {
    left -= gap;
    return (left / whole) * PAST_MS;
  });
}

/** Starts them on this port, or on any if it is taken. */
async function startOn(
  slackPort: number,
  options: Parameters<typeof startStandIns>[0],
): Promise<StandIns> {
  try {
    return await startStandIns({ ...options, slackPort });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return startStandIns(options);
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
