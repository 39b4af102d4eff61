import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WebClient } from '@slack/web-api';
import { type SlackSim, startSlackSim } from '../sim/slack/slack-sim.ts';
import { laneOf, PRIORITY, REACTION_LANE } from '../src/core/delivery/effects.ts';
import type { Context } from '../src/jobs/context.ts';
import { flushLane } from '../src/jobs/delivery/flush.ts';
import { systemClock } from '../src/jobs/loop.ts';
import { createSlack } from '../src/slack/client.ts';
import { toSlackLogger } from '../src/slack/logger.ts';
import { openDatabase } from '../src/store/db/open.ts';
import { addEffects } from '../src/store/delivery/outbox.ts';
import { discoverChannel } from '../src/store/intake/channels.ts';
import { createBenchContext, quiet } from './context.ts';

/**
 * Times 500 paced reactions through the outbox against the same calls through a plain WebClient. Also
 * times a summary at Slack's own pace while 2,000 reactions wait.
 */

const REACTIONS = 500;
const SCALE = 60;
const WAITING = 2_000;

/** From the documented limit of 50 per minute, sped up, without any burst. */
const IDEAL_MS = (REACTIONS / (50 * SCALE)) * 60_000;

export async function measurePublishing() {
  const paced = await withWorkspace({ scale: SCALE, messages: REACTIONS }, publish);
  const plain = await withWorkspace({ scale: SCALE, messages: REACTIONS }, publishPlainly);
  for (const { reacted } of [paced, plain]) {
    if (reacted !== REACTIONS) throw new Error(`only ${reacted} of ${REACTIONS} reactions`);
  }
  const summary = await withWorkspace({ scale: 1, messages: WAITING }, publishSummary);
  return {
    efficiency: IDEAL_MS / paced.elapsedMs,
    rateLimited: paced.rateLimited,
    baselineEfficiency: IDEAL_MS / plain.elapsedMs,
    baselineRateLimited: plain.rateLimited,
    summaryMs: summary.elapsedMs,
    summaryRateLimited: summary.rateLimited,
  };
}

interface World {
  sim: SlackSim;
  channel: string;
  messages: string[];
}

async function withWorkspace(
  size: { scale: number; messages: number },
  work: (world: World) => Promise<void>,
) {
  const sim = await startSlackSim({ rateScale: size.scale });
  const user = sim.addUser({ name: 'ana' });
  const channel = sim.addChannel({ name: 'feedback', members: [user] });
  sim.inviteBot(channel, user);
  const messages = Array.from({ length: size.messages }, (_, n) =>
    sim.post({ channel, user, text: `message ${n}`, silent: true }),
  );
  const began = performance.now();
  await work({ sim, channel, messages });
  const elapsedMs = performance.now() - began;
  const { rateLimited } = sim;
  const reacted = sim.messages(channel).filter(({ reactions }) => reactions.length > 0).length;
  await sim.stop();
  return { elapsedMs, rateLimited, reacted };
}

/** Runs `work` with an outbox that has a reaction for each message. */
async function withOutbox(
  { sim, channel, messages }: World,
  rateScale: number,
  work: (context: Context) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'winnow-bench-'));
  const db = await openDatabase(path.join(folder, 'winnow.db'));
  const settings = { token: sim.botToken, apiUrl: sim.apiUrl, rateScale };
  const slack = createSlack({ ...settings, logger: toSlackLogger(quiet, false) }, systemClock);
  await discoverChannel(db, channel, 'feedback');
  const reactions = messages.map((ts, n) => ({
    key: `reaction-${n}`,
    channel,
    priority: PRIORITY.reaction,
    effect: { kind: 'react' as const, ts, name: 'bug' },
  }));
  await db.transaction().execute((tx) => addEffects(tx, reactions, systemClock.now()));
  await work(await createBenchContext({ db, slack }));
  await db.destroy();
  await rm(folder, { recursive: true });
}

const publish = (world: World) =>
  withOutbox(world, SCALE, async (context) => {
    await flushLane(context, REACTION_LANE, new AbortController().signal);
  });

/** Posts a parent and four replies while the reactions are being sent. */
const publishSummary = (world: World) =>
  withOutbox(world, 1, async (context) => {
    const stopping = new AbortController();
    const reacting = flushLane(context, REACTION_LANE, stopping.signal);
    const posts = ['digest', 'card', 'list 1', 'list 2', 'noise'].map((key) => ({
      key,
      channel: world.channel,
      priority: PRIORITY.digest,
      effect: {
        kind: 'post' as const,
        metadata: { event_type: 'winnow_digest' as const, event_payload: { key, run: 1 } },
        text: key,
        blocks: [],
        ...(key !== 'digest' && { parent: 'digest' }),
      },
    }));
    await context.db.transaction().execute((tx) => addEffects(tx, posts, systemClock.now()));
    const [first] = posts;
    if (first) await flushLane(context, laneOf(first), stopping.signal);
    stopping.abort();
    await reacting;
  });

async function publishPlainly({ sim, channel, messages }: World): Promise<void> {
  const client = new WebClient(sim.botToken, {
    slackApiUrl: sim.apiUrl,
    logger: toSlackLogger(quiet, false),
  });
  await Promise.all(
    messages.map((timestamp) => client.reactions.add({ channel, timestamp, name: 'bug' })),
  );
}
