import { expect, test } from 'vitest';
import { startWith } from '../harness.ts';
import { enqueue, post, react } from './outbox.ts';

test('300 reactions and 60 posts go out, and Slack never has to say stop', async () => {
  const scale = 60;
  const texts = Array.from({ length: 300 }, (_, n) => `Feedback ${n}`);
  const stage = await startWith(texts, {
    slack: { rateLimits: true, rateScale: scale },
    rateScale: scale,
  });
  const { channel, slack } = stage;
  const posts = Array.from({ length: 60 }, (_, n) => post(channel, `post-${n}`));
  await enqueue(stage, [...stage.sent.map((ts) => react(channel, ts)), ...posts]);
  await stage.step();
  expect(slack.rateLimited).toBe(0);
  expect(stage.posts()).toHaveLength(60);
  expect(stage.sent.filter((ts) => stage.reactionsOf(ts).length === 1)).toHaveLength(300);
});
