import { expect, test } from 'vitest';
import { openPlace } from './bot.ts';

test('a command typed right after a start takes what changed while the bot was down', async () => {
  const place = await openPlace();
  const { slack, claude, channel, user } = place;
  const first = place.start();
  await first.logged('messages count from here on');
  place.post('It crashes when I save');
  const ts = place.post('I love the new look');
  await slack.idle();
  first.process.kill('SIGKILL');
  await first.ended;
  // Its connection is noticed to be gone, or the command would be sent into it.
  await slack.waitFor(() => slack.sockets.count() === 0);

  slack.delete({ channel, ts, silent: true });
  slack.post({ channel, user, text: 'Please add a dark mode', silent: true });
  // The command comes well before history has been read.
  slack.faults.add({ method: 'conversations.history', kind: 'rate_limit', retryAfter: 3 });
  place.start();
  await slack.waitFor(() => slack.sockets.count() > 0, { timeoutMs: 60_000 });
  await place.type();
  await claude.waitFor(() => claude.batches().length > 0, { timeoutMs: 60_000 });
  const judged = JSON.stringify(claude.batches());
  expect(judged).toContain('It crashes when I save');
  expect(judged).toContain('Please add a dark mode');
  expect(judged).not.toContain('I love the new look');
}, 180_000);
