import { expect, test } from 'vitest';
import { readSample } from '../sim/feedback/sample.ts';
import { startStage } from './harness.ts';

test('messages become one summary thread and one reaction each, and nothing twice', async () => {
  const stage = await startStage();
  const { slack, channel, user } = stage;
  await stage.connect();
  for (const { text } of readSample(40)) slack.post({ channel, user, text });
  await slack.idle();

  expect(await stage.type()).toMatch(
    /^Classifying 40 pending messages for at most about \$0\.00\d\d\./,
  );
  await stage.settle();

  const posts = slack.messages(channel).filter(({ bot_id }) => bot_id === slack.botId);
  const parents = posts.filter(({ thread_ts, ts }) => !thread_ts || thread_ts === ts);
  expect(parents).toHaveLength(1);
  expect(parents[0]?.metadata?.event_type).toBe('winnow_digest');
  expect(posts.flatMap((post) => slack.pings(post))).toEqual([]);

  const noise = posts.filter(({ metadata }) => metadata?.event_type === 'winnow_noise');
  const noisy = new Set(
    noise.flatMap((post) => slack.links(post).map(({ url }) => url.slice(-16))),
  );
  const feedback = slack.messages(channel).filter((m) => m.user === user && !m.subtype);
  expect(feedback).toHaveLength(40);
  for (const { ts, reactions } of feedback) {
    const own = reactions.filter(({ users }) => users.includes(slack.botUserId));
    expect(own).toHaveLength(noisy.has(ts.replace('.', '')) ? 0 : 1);
  }

  const before = slack.messages(channel).length;
  expect(await stage.type()).toMatch(/^Nothing is pending/);
  await stage.settle();
  expect(slack.messages(channel)).toHaveLength(before);
});
