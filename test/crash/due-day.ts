import { DEFAULT_EMOJI } from '../../src/core/people/acts.ts';
import { batchesMade, batchOf, canceled, hasReactions, settled, toldOf } from './steps.ts';
import type { World } from './world.ts';

/**
 * The day of two planned summaries whose batches do not end in time. The first batch is canceled, and
 * ends then; the second does not even do that, and its messages are asked about again. Time passes by
 * letting the summary be due sooner: the bot looks at it again when it has reconnected.
 */
export async function playDue(world: World): Promise<void> {
  const { slack, claude, channel, ana, ben } = world;
  const post = (name: string, user: string, text: string) => {
    world.messages.set(name, slack.post({ channel, user, text }));
  };

  await world.connected();
  claude.holdBatches(true);
  slack.inviteBot(channel, ana);
  await settled(world);

  post('crash', ana, 'Urgent: the app crashes on every login and I lost all my data');
  post('slow', ben, 'The page is slow since the update');
  post('dark', ana, 'Please add a dark mode');
  post('love', ben, 'I love the new dashboard, great work');
  await settled(world);
  await untilDue(world, 50 * MINUTE_MS);
  await batchesMade(world, 1);
  // Claude has answered half of it, and something is posted meanwhile.
  claude.progressBatch(batchOf(world, 'crash').id, 2);
  post('sync', ben, 'Sync stopped working after the update');
  await settled(world);
  await untilDue(world, 4.5 * MINUTE_MS);
  await canceled(world, 'crash');
  claude.holdBatches(false);
  await hasReactions(world, 'dark', ['bulb']);
  await hasReactions(world, 'sync', ['bug', DEFAULT_EMOJI.flag]);
  await untilDue(world, 0);
  await toldOf(world, 1, ['crash', 'slow', 'dark', 'love', 'sync']);
  await world.rest();

  claude.holdBatches(true);
  post('export', ben, 'The export fails with an error');
  post('french', ana, 'Please add a French version');
  await settled(world);
  await untilDue(world, 50 * MINUTE_MS);
  await batchesMade(world, 2);
  claude.progressBatch(batchOf(world, 'export').id, 1);
  await untilDue(world, 4.5 * MINUTE_MS);
  await canceled(world, 'export');
  // It is waited for no longer.
  await untilDue(world, 3 * MINUTE_MS);
  await hasReactions(world, 'export', ['bug', DEFAULT_EMOJI.flag]);
  await hasReactions(world, 'french', ['bulb']);
  await untilDue(world, 0);
  await toldOf(world, 2, ['export', 'french']);
  // It ends after all, and is paid for.
  claude.holdBatches(false);
  await world.rest();
  await world.end();
}

const MINUTE_MS = 60_000;

/** Lets so much time pass that the summary is due in this time, in ms. */
async function untilDue(world: World, ms: number): Promise<void> {
  await world.connected();
  await world.letSummaryBeDue(ms);
  world.slack.sockets.refresh();
  await world.connected();
}
