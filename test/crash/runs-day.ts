import { changeSettings } from './change-settings.ts';
import { actEarly, actOnSummary, answerQuestions, stopWaiting } from './people-act.ts';
import {
  batchesMade,
  batchOf,
  canceled,
  receiptSays,
  settled,
  toldOf,
  typeCommand,
} from './steps.ts';
import type { World } from './world.ts';

/**
 * The day of two runs. Whoever plays it does what people do and looks at what people see; the bot may
 * be killed at any moment of it.
 */

export async function playRuns(world: World): Promise<void> {
  const { slack, claude, channel, ana, ben } = world;
  const post = (name: string, user: string, text: string) => {
    world.messages.set(name, slack.post({ channel, user, text }));
  };
  const ts = (name: string): string => world.messages.get(name) ?? '';

  // From before the bot came: no feedback, but offered to whoever invites it.
  post('old', ben, 'The export fails with an error');
  await world.connected();
  claude.holdBatches(true);
  slack.inviteBot(channel, ana);
  await settled(world);
  await world.hadSummary();

  post('crash', ana, 'Urgent: the app crashes on every login and I lost all my data');
  post('loss', ben, 'Urgent: sync crashes and I lost all my runs');
  post('freeze', ana, 'Urgent: the app freezes and crashes on my phone');
  post('export', ben, 'The export fails with an error since the update');
  post('love', ben, 'I love the new dashboard, great work');
  post('dark', ana, 'Please add a dark mode');
  post('invite', ben, 'How do I invite a colleague?');
  post('settings', ana, 'The settings are confusing and hard to find');
  post('test', ben, 'test test 123');
  post('thanks', ana, 'Thanks, wonderful release!');
  await settled(world);
  slack.post({ channel, user: ben, threadTs: ts('crash'), text: 'Same here, on Android' });
  slack.edit({ channel, ts: ts('dark'), text: 'Please add a dark mode and an export to PDF' });
  slack.delete({ channel, ts: ts('thanks') });
  await settled(world);

  // Two batches, of which the more urgent ends first.
  await typeCommand(world, ana);
  await batchesMade(world, 2);
  await receiptSays(world, 1, 'Classifying: 0 of 9');
  claude.endBatch(batchOf(world, 'crash').id);
  await receiptSays(world, 1, 'Classifying: 5 of 9');
  // While Claude is working: one comes too late for this run, one changes, one goes.
  post('sync', ben, 'Sync stopped working after the update');
  slack.edit({ channel, ts: ts('invite'), text: 'When will the French version be there?' });
  slack.delete({ channel, ts: ts('settings') });
  await settled(world);
  // Somebody does not want to wait for the other: it is canceled when it has answered two of four.
  claude.progressBatch(batchOf(world, 'dark').id, 2);
  await stopWaiting(world, ben);
  await canceled(world, 'dark');
  claude.holdBatches(false);
  await actEarly(world);
  await toldOf(world, 1, ['crash', 'loss', 'freeze', 'export', 'love', 'dark', 'test']);
  await world.rest();
  await actOnSummary(world);
  await answerQuestions(world);
  await world.rest();

  // What was judged changes its mind, or goes.
  slack.edit({ channel, ts: ts('export'), text: 'Solved, thank you, I love it' });
  slack.delete({ channel, ts: ts('love') });
  post('asdf', ana, 'asdf');
  await world.rest();
  // So few cost so little that they are asked about at once.
  await typeCommand(world, ben);
  await toldOf(world, 2, ['export', 'invite', 'sync', 'asdf']);
  await world.rest();
  await changeSettings(world);
  await world.end();
}
