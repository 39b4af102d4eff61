import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WebClient } from '@slack/web-api';
import { type SlackSim, startSlackSim } from '../sim/slack/slack-sim.ts';
import { flushLane } from '../src/jobs/flush.ts';
import { systemClock } from '../src/jobs/loop.ts';
import { createSlack } from '../src/slack/client.ts';
import { toSlackLogger } from '../src/slack/logger.ts';
import { discoverChannel } from '../src/store/channels.ts';
import { openDatabase } from '../src/store/database.ts';
import { addEffects } from '../src/store/outbox.ts';
import { createDeps, quiet } from './deps.ts';

/** 500 reactions through the outbox, paced, against the same calls through a plain WebClient. */

const REACTIONS = 500;
const SCALE = 60;

/** By the documented limit of 50 a minute, sped up, and no burst counted on. */
const IDEAL_MS = (REACTIONS / (50 * SCALE)) * 60_000;

export async function measurePublishing() {
  const paced = await withWorkspace(publish);
  const plain = await withWorkspace(publishPlainly);
  return {
    efficiency: IDEAL_MS / paced.elapsedMs,
    rateLimited: paced.rateLimited,
    baselineEfficiency: IDEAL_MS / plain.elapsedMs,
    baselineRateLimited: plain.rateLimited,
  };
}

interface World {
  sim: SlackSim;
  channel: string;
  messages: string[];
}

async function withWorkspace(work: (world: World) => Promise<void>) {
  const sim = await startSlackSim({ rateScale: SCALE });
  const user = sim.addUser({ name: 'ana' });
  const channel = sim.addChannel({ name: 'feedback', members: [user] });
  sim.inviteBot(channel, user);
  const messages = Array.from({ length: REACTIONS }, (_, n) =>
    sim.post({ channel, user, text: `message ${n}`, silent: true }),
  );
  const began = performance.now();
  await work({ sim, channel, messages });
  const elapsedMs = performance.now() - began;
  const { rateLimited } = sim;
  const reacted = sim.messages(channel).filter(({ reactions }) => reactions.length > 0).length;
  await sim.stop();
  if (reacted !== REACTIONS) throw new Error(`only ${reacted} of ${REACTIONS} reactions were made`);
  return { elapsedMs, rateLimited };
}

async function publish({ sim, channel, messages }: World): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'winnow-bench-'));
  const db = await openDatabase(path.join(folder, 'winnow.db'));
  const settings = { token: sim.botToken, apiUrl: sim.apiUrl, rateScale: SCALE };
  const slack = createSlack({ ...settings, logger: toSlackLogger(quiet, false) }, systemClock);
  await discoverChannel(db, channel, 'feedback');
  const effects = messages.map((ts, n) => ({
    key: `reaction-${n}`,
    channel,
    priority: 5,
    effect: { kind: 'react' as const, ts, name: 'bug' },
  }));
  await db.transaction().execute((tx) => addEffects(tx, effects, systemClock.now()));
  await flushLane(await createDeps({ db, slack }), 'reaction', new AbortController().signal);
  await db.destroy();
  await rm(folder, { recursive: true });
}

async function publishPlainly({ sim, channel, messages }: World): Promise<void> {
  const client = new WebClient(sim.botToken, {
    slackApiUrl: sim.apiUrl,
    logger: toSlackLogger(quiet, false),
  });
  await Promise.all(
    messages.map((timestamp) => client.reactions.add({ channel, timestamp, name: 'bug' })),
  );
}
