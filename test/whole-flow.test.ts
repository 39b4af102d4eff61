import { expect, test } from 'vitest';
import { readSample } from '../sim/feedback/sample.ts';
import { DEFAULT_EMOJI, FLAG_STATES, isOpen } from '../src/core/people/acts.ts';
import { DEFAULT_TAXONOMY } from '../src/core/runs/taxonomy.ts';
import { stateBlock } from '../src/slack/blocks/people/card.ts';
import { startStage } from './harness.ts';

test('messages become one summary thread and one reaction each, flagged ones a card and a flag, and nothing twice', async () => {
  const stage = await startStage();
  const { slack, channel, user } = stage;
  await stage.connect();
  for (const { text } of readSample(40)) slack.post({ channel, user, text });
  await slack.idle();

  expect(await stage.type()).toMatch(
    /^Classifying 40 pending messages for at most about \$0\.0\d{3}\./,
  );
  await stage.settle();

  const posts = slack.messages(channel).filter(({ bot_id }) => bot_id === slack.botId);
  const parents = posts.filter(({ thread_ts, ts }) => !thread_ts || thread_ts === ts);
  expect(parents).toHaveLength(1);
  expect(parents[0]?.metadata?.event_type).toBe('winnow_digest');
  expect(posts.flatMap((post) => slack.pings(post))).toEqual([]);

  const ofType = (type: string) => posts.filter(({ metadata }) => metadata?.event_type === type);
  const noisy = new Set(
    ofType('winnow_noise').flatMap((post) => slack.links(post).map(({ url }) => url.slice(-16))),
  );
  const open = ofType('winnow_card').filter(({ blocks }) =>
    FLAG_STATES.filter(isOpen).some((state) =>
      blocks?.some(({ block_id }) => block_id === stateBlock(state)),
    ),
  );
  const flagged = open.map(({ metadata }) => Object(metadata?.event_payload).ts);

  const feedback = slack.messages(channel).filter((m) => m.user === user && !m.subtype);
  expect(feedback).toHaveLength(40);
  const categories = DEFAULT_TAXONOMY.categories.flatMap(({ emoji }) => emoji ?? []);
  const marked: string[] = [];
  for (const { ts } of feedback) {
    const own = stage.reactionsOf(ts);
    expect(own.filter((name) => categories.includes(name))).toHaveLength(
      noisy.has(ts.replace('.', '')) ? 0 : 1,
    );
    const other = own.filter((name) => !categories.includes(name));
    if (other.length > 0) marked.push(ts);
    expect(other).toEqual(marked.includes(ts) ? [DEFAULT_EMOJI.flag] : []);
  }
  // The most pressing have a card; the summary counts all of them.
  expect(flagged).toHaveLength(Math.min(7, marked.length));
  expect(flagged.filter((ts) => !marked.includes(ts))).toEqual([]);
  expect(ofType('winnow_digest')[0]?.text).toContain(`${marked.length} need attention`);

  const before = slack.messages(channel).length;
  expect(await stage.type()).toMatch(/^Nothing is pending/);
  await stage.settle();
  expect(slack.messages(channel)).toHaveLength(before);
});
