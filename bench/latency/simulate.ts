import type { Latencies } from '../../sim/claude/latency.ts';
import { readSample } from '../../sim/feedback/sample.ts';
import { digestKey } from '../../src/core/delivery/effects.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/durations.ts';
import { interpretMessageEvent } from '../../src/core/intake/message.ts';
import { storeMessage } from '../../src/jobs/intake/store-message.ts';
import { requestRun } from '../../src/jobs/runs/request.ts';
import { findPostState } from '../../src/store/delivery/posts.ts';
import { discoverChannel } from '../../src/store/intake/channels.ts';
import type { Run } from '../../src/store/runs/runs.ts';
import { type ChannelFigures, type Summary, summarize } from './figures.ts';
import { type SimulatedBot, startSimulatedBot } from './simulated-bot.ts';
import { type Happening, planTraffic, SCHEDULE, START } from './traffic.ts';
import { VirtualClock } from './virtual-clock.ts';

/** How runs go to Claude. */
export const MODES = ['single', 'sharded', 'express'] as const;
export type Mode = (typeof MODES)[number];

export interface Simulation {
  mode: Mode;
  perDay: number;
  days: number;
  seed: number;
  latency: Latencies;
  /** How often the bot looks whether a batch has ended. */
  pollMs: number;
}

/** Claude's limit for one batch. */
const BATCH_MOST = 10_000;
const NEVER = '0 0 29 2 *';

/** No scheduled run begins earlier before its time. */
const LEAD_MOST_MS = 2 * HOUR_MS;

/**
 * The settings of each mode. `sharded` is the bot as it is. The others differ in when a scheduled run is
 * opened, which `single` and `express` do not leave to the bot's schedule:
 *
 * - single: a run is one batch, and begins when its summary is due.
 * - express: every call is made on its own, for a summary five minutes before it is due.
 */
const SETTINGS = {
  single: {
    summarySchedule: NEVER,
    expressUpToUsd: 0,
    shardSize: (messages: number) => Math.min(Math.max(1, messages), BATCH_MOST),
  },
  sharded: { summarySchedule: SCHEDULE, expressUpToUsd: 0 },
  express: { summarySchedule: NEVER, expressUpToUsd: 1_000 },
};

const CHANNEL = 'C0LATENCY';
const AUTHORS = 25;

/** Simulates days of a channel, and measures what its people see. */
export async function simulateChannel(simulation: Simulation): Promise<ChannelFigures> {
  const { mode, perDay, days, seed, latency, pollMs } = simulation;
  const clock = new VirtualClock(START);
  const bot = await startSimulatedBot(clock, { seed, latency, pollMs, ...SETTINGS[mode] });
  const { context, slack } = bot;
  const people = Array.from({ length: AUTHORS }, (_, n) =>
    slack.addUser({ name: `person${n}`, id: `U0PERSON${n}` }),
  );
  const channel = slack.addChannel({ id: CHANNEL, name: 'feedback', members: people });
  slack.inviteBot(channel, people[0] ?? '');
  await discoverChannel(context.db, channel, 'feedback');

  const scene: Scene = { bot, mode, channel, people, commands: new Map(), summaries: [] };
  for (const happening of planTraffic(perDay, days, seed)) {
    await bot.runUntil(happening.at);
    await play(scene, happening);
  }
  // What is still going ends, and is paid for, mostly before the next summary begins. A batch may take
  // Claude a whole day, and then expires.
  let end = START + (days + 1) * DAY_MS - LEAD_MOST_MS - HOUR_MS;
  const latest = end + DAY_MS;
  await bot.runUntil(end);
  while (end < latest && (await hasOpenRuns(scene))) {
    end += HOUR_MS;
    await bot.runUntil(end);
  }
  const figures = await summarize(bot, channel, scene);
  await bot.stop();
  return figures;
}

interface Scene {
  bot: SimulatedBot;
  mode: Mode;
  channel: string;
  people: string[];
  /** When each run was asked for by a person. */
  commands: Map<number, number>;
  summaries: Summary[];
}

async function play(scene: Scene, happening: Happening): Promise<void> {
  const { mode } = scene;
  switch (happening.kind) {
    case 'message':
      return post(scene, happening.number);
    case 'command':
      return type(scene);
    case 'soon due':
      if (mode === 'express') await openScheduled(scene, { dueAt: happening.dueAt });
      return;
    case 'due':
      if (mode === 'single') await openScheduled(scene, {});
      return;
    case 'look':
      return look(scene, happening.dueAt);
    default:
      return happening satisfies never;
  }
}

/** Somebody writes a message, and the bot stores it as when its event comes. */
async function post({ bot, channel, people }: Scene, number: number): Promise<void> {
  const { context, slack, emit } = bot;
  const user = people[number % people.length] ?? '';
  const text = readSample(1, number)[0]?.text ?? '';
  const ts = slack.post({ channel, user, text, silent: true });
  const event = { type: 'message', channel, user, text, ts };
  const intake = interpretMessageEvent(event, context.workspace.self);
  if (intake.kind !== 'message') throw new Error(`a message is taken for ${intake.kind}`);
  await context.db
    .transaction()
    .execute((tx) => storeMessage(tx, context, intake.message, { seenAt: undefined }));
  emit('message');
}

async function type({ bot, channel, people, commands }: Scene): Promise<void> {
  const { context, emit } = bot;
  const requestedBy = people[0] ?? '';
  const request = { channel, cause: 'command' as const, requestedBy, withDigest: true };
  const requested = await context.db
    .transaction()
    .execute((tx) => requestRun(tx, context, request));
  if (requested.kind === 'opened') commands.set(requested.run.id, context.clock.now());
  emit('command');
}

async function openScheduled({ bot, channel }: Scene, due: { dueAt?: number }): Promise<void> {
  const { context, emit } = bot;
  const request = {
    channel,
    cause: 'schedule' as const,
    requestedBy: null,
    withDigest: true,
    ...due,
  };
  await context.db.transaction().execute((tx) => requestRun(tx, context, request));
  emit('schedule');
}

/** Whether the summary is there when the minute of its time is over. */
async function look({ bot, channel, summaries }: Scene, dueAt: number): Promise<void> {
  const { db } = bot.context;
  const run = await db
    .selectFrom('runs')
    .selectAll()
    .where('channel', '=', channel)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  // A run that ended long before: nothing was posted since then.
  if (!run || (run.ended_at !== null && run.ended_at < dueAt - LEAD_MOST_MS)) return;
  summaries.push({
    run: run.id,
    dueAt,
    isThere: await isPosted(bot, run),
    isComplete: run.ended_at !== null,
  });
}

async function hasOpenRuns({ bot }: Scene): Promise<boolean> {
  const open = bot.context.db.selectFrom('runs').select('id').where('ended_at', 'is', null);
  return (await open.executeTakeFirst()) !== undefined;
}

async function isPosted({ context }: SimulatedBot, run: Run): Promise<boolean> {
  if (run.published_at === null) return false;
  return (await findPostState(context.db, digestKey(run.id))) === 'done';
}
