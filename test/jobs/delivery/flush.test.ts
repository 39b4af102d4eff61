import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { REACTION_LANE } from '../../../src/core/delivery/effects.ts';
import { flushLane } from '../../../src/jobs/delivery/flush.ts';
import { refreshPost } from '../../../src/store/delivery/outbox.ts';
import { startWith } from '../../harness.ts';
import { interfere } from '../../interfere.ts';
import { enqueue, outbox, post, postedKeys, react } from '../../slack/outbox.ts';

/** What the outbox does with each answer of Slack's. */

describe('the order', () => {
  test('parent first, then cards, then lists, whatever the order of writing', async () => {
    const stage = await startWith([]);
    const { channel } = stage;
    await enqueue(stage, [
      post(channel, 'list-1', { parent: 'digest' }),
      post(channel, 'card-1', { parent: 'digest', priority: 2 }),
      post(channel, 'digest', { priority: 0 }),
      post(channel, 'list-2', { parent: 'digest' }),
      post(channel, 'card-2', { parent: 'digest', priority: 2 }),
    ]);
    await stage.settle();
    expect(postedKeys(stage)).toEqual(['digest', 'card-1', 'card-2', 'list-1', 'list-2']);
    const [parent, ...replies] = stage.posts();
    expect(replies.every(({ thread_ts }) => thread_ts === parent?.ts)).toBe(true);
  });

  test('no reply is posted before its parent, however long that takes', async () => {
    const stage = await startWith([]);
    const { channel, slack } = stage;
    slack.faults.add({ method: 'chat.postMessage', kind: 'rate_limit', retryAfter: 20, times: 3 });
    await enqueue(stage, [
      post(channel, 'digest', { priority: 0 }),
      post(channel, 'list', { parent: 'digest' }),
    ]);
    await stage.settle();
    expect(postedKeys(stage)).toEqual(['digest', 'list']);
    expect(slack.callCounts.get('chat.postMessage')).toBe(5);
  });

  test('posts do not wait for reactions, nor one channel for another', async () => {
    const stage = await startWith(['a', 'b', 'c']);
    const { channel, slack, user } = stage;
    const other = slack.addChannel({ name: 'other', members: [user] });
    slack.inviteBot(other, user);
    await slack.idle();
    const hold = slack.faults.add({
      method: 'reactions.add',
      kind: 'rate_limit',
      retryAfter: 900,
      times: 99,
    });
    slack.faults.add({
      method: 'chat.postMessage',
      kind: 'rate_limit',
      retryAfter: 900,
      match: (args) => args.channel === channel,
      times: 99,
    });
    await enqueue(stage, [
      ...stage.sent.map((ts) => react(channel, ts)),
      post(channel, 'here'),
      post(other, 'there'),
    ]);
    await stage.step();
    expect(stage.posts(other)).toHaveLength(1);
    expect(stage.posts()).toHaveLength(0);
    hold();
    slack.faults.clear();
    await stage.settle();
    expect(stage.posts()).toHaveLength(1);
    for (const ts of stage.sent) expect(stage.reactionsOf(ts)).toEqual(['bug']);
  });
});

test('a post that is called off when its turn has come is not sent, and nobody is alarmed', async () => {
  const stage = await startWith([]);
  await enqueue(stage, [post(stage.channel, 'thanks')]);
  // Between the reading of its row and the commit before its call.
  await interfere(stage.context.db, {
    on: 'after update on outbox',
    when: `new.state = 'sending'`,
    act: 'delete from outbox where id = new.id',
  });
  await stage.settle();
  expect(stage.posts()).toEqual([]);
  expect(stage.logs.filter(({ level }) => level === 'error')).toEqual([]);
});

describe('what Slack refuses', () => {
  test.each(['invalid_blocks', 'msg_blocks_too_long', 'msg_too_long'])(
    '%s: plain text with the same links stands in, and pings nobody',
    async (error) => {
      const stage = await startWith([]);
      const { channel, slack } = stage;
      slack.faults.add({
        method: 'chat.postMessage',
        kind: 'error',
        error,
        match: ({ blocks }) => blocks !== undefined,
      });
      const url = 'https://sim-team.slack.com/archives/C1/p1700000000000100';
      const blocks = [
        {
          type: 'rich_text',
          elements: [
            {
              type: 'rich_text_section',
              elements: [
                { type: 'text', text: '<!channel> crashes & <@U1> ' },
                { type: 'link', url, text: 'view' },
              ],
            },
          ],
        },
      ];
      await enqueue(stage, [post(channel, 'list', { blocks })]);
      await stage.settle();
      const [shown] = stage.posts();
      expect(shown?.blocks).toBeUndefined();
      expect(shown && slack.links(shown).map((link) => link.url)).toEqual([url]);
      expect(shown && slack.pings(shown)).toEqual([]);
      expect((await outbox(stage))[0]).toMatchObject({
        state: 'done',
        trouble: `sent as plain text: ${error}`,
      });
    },
  );

  const chart = {
    type: 'data_visualization',
    title: 'Feedback a day',
    chart: {
      type: 'line',
      series: [{ name: 'Bug', data: [{ label: '23 Nov', value: 3 }] }],
      axis_config: { categories: ['23 Nov'] },
    },
  };
  const words = { type: 'section', text: { type: 'plain_text', text: 'words', emoji: false } };

  test.each([
    ['the chart alone', ['data_visualization'], ['rich_text', 'section']],
    ['more than the chart', ['data_visualization', 'rich_text'], []],
  ])('%s: words stand in for it, also when the post is updated', async (_, refuseBlocks, types) => {
    const stage = await startWith([], { slack: { refuseBlocks } });
    const { channel, context } = stage;
    const typesOf = () => (stage.posts()[0]?.blocks ?? []).map(({ type }) => type);
    await enqueue(stage, [post(channel, 'digest', { blocks: [chart, words] })]);
    await stage.settle();
    expect(typesOf()).toEqual(types);
    const rendered = { text: 'Now', blocks: [chart, words, words] };
    await context.db
      .transaction()
      .execute((tx) => refreshPost(tx, { key: 'digest', priority: 0, rendered }, 0, 0));
    await stage.settle();
    expect(typesOf()).toEqual(types.length > 0 ? [...types, 'section'] : []);
    const shown = JSON.stringify(stage.posts());
    expect(shown).toContain('most on 23 Nov: 3');
    expect(shown.split('words')).toHaveLength(3);
    expect((await outbox(stage)).map(({ trouble }) => trouble)).toEqual(
      Array(2).fill(
        types.length > 0
          ? 'sent without charts and tables: invalid_blocks'
          : 'sent as plain text: invalid_blocks',
      ),
    );
  });

  test('one effect that is refused for good does not hold up the others, and status shows it', async () => {
    const stage = await startWith(['a', 'b', 'c']);
    const { channel, slack } = stage;
    slack.faults.add({
      method: 'reactions.add',
      kind: 'error',
      error: 'too_many_reactions',
      match: ({ timestamp }) => timestamp === stage.sent[0],
    });
    slack.faults.add({ method: 'chat.postMessage', kind: 'error', error: 'invalid_arguments' });
    await enqueue(stage, [
      ...stage.sent.map((ts) => react(channel, ts)),
      post(channel, 'first'),
      post(channel, 'second'),
    ]);
    await stage.settle();
    expect(stage.sent.map((ts) => stage.reactionsOf(ts))).toEqual([[], ['bug'], ['bug']]);
    expect(postedKeys(stage)).toEqual(['second']);
    const status = await stage.type('status');
    expect(status).toContain('*Not possible*: 1 post or reaction in 7 days (too_many_reactions)');
    expect(status).toContain('*Not possible*: 1 post or reaction in 7 days (invalid_arguments)');
    expect(status).not.toContain('On their way');
  });

  test.each([
    ['chat.postMessage', 'rate_limited'],
    ['chat.postMessage', 'team_added_to_org'],
    ['chat.postMessage', 'message_limit_exceeded'],
    ['chat.postMessage', 'external_channel_migrating'],
    ['reactions.add', 'rate_limited'],
    ['reactions.add', 'team_added_to_org'],
  ])('%s refused with %s waits, and is done when it passes', async (method, error) => {
    const stage = await startWith(['a']);
    const { channel, slack, sent } = stage;
    slack.faults.add({ method, kind: 'error', error, times: 2 });
    await enqueue(stage, [react(channel, sent[0] ?? ''), post(channel, 'digest')]);
    await stage.settle();
    expect((await outbox(stage)).map(({ state }) => state)).toEqual(['done', 'done']);
    expect(stage.posts()).toHaveLength(1);
    expect(stage.reactionsOf(sent[0] ?? '')).toEqual(['bug']);
  });

  test('a channel that is inactive is one that the bot is not in', async () => {
    const stage = await startWith([]);
    const { channel, slack } = stage;
    slack.faults.add({ method: 'chat.postMessage', kind: 'error', error: 'is_inactive' });
    await enqueue(stage, [post(channel, 'digest')]);
    await stage.step();
    expect((await outbox(stage)).map(({ state }) => state)).toEqual(['waiting']);
    expect(await stage.rows(sql`select state from channels`)).toEqual([{ state: 'left' }]);
  });

  test('replies of a parent that can never be posted are dead with it', async () => {
    const stage = await startWith([]);
    const { channel, slack } = stage;
    slack.faults.add({ method: 'chat.postMessage', kind: 'error', error: 'invalid_arguments' });
    await enqueue(stage, [
      post(channel, 'digest', { priority: 0 }),
      post(channel, 'list', { parent: 'digest' }),
    ]);
    await stage.settle();
    expect((await outbox(stage)).map(({ state }) => state)).toEqual(['dead', 'dead']);
    expect(await stage.type('status')).toContain('*Not possible*: 2 posts and reactions');
  });

  test('a summary that Slack refuses for good is told by the next one', async () => {
    const stage = await startWith(['The export crashes.']);
    stage.slack.faults.add({
      method: 'chat.postMessage',
      kind: 'error',
      error: 'invalid_arguments',
    });
    await stage.type();
    await stage.settle();
    expect(stage.posts()).toEqual([]);
    expect(await stage.type('status')).toContain('(invalid_arguments)');

    expect(await stage.type()).toMatch(/results that no summary has shown yet/);
    await stage.settle();
    expect(stage.posts()[0]?.text).toContain('1 message');
  });

  test.each(['already_reacted', 'message_not_found'])(
    '%s is fine: nothing is left to do',
    async (error) => {
      const stage = await startWith(['a']);
      stage.slack.faults.add({ method: 'reactions.add', kind: 'error', error });
      await enqueue(
        stage,
        stage.sent.map((ts) => react(stage.channel, ts)),
      );
      await stage.settle();
      expect((await outbox(stage))[0]).toMatchObject({ state: 'done', trouble: error });
      expect(await stage.type('status')).not.toContain('Not possible');
    },
  );

  test.each(['invalid_auth', 'not_allowed_token_type'])(
    'a token refused as %s: everything waits until it is mended, and says so',
    async (error) => {
      const stage = await startWith([]);
      const { channel, slack } = stage;
      slack.faults.add({
        method: 'chat.postMessage',
        kind: 'error',
        error,
        times: 3,
      });
      await enqueue(stage, [post(channel, 'a')]);
      const before = stage.clock.now();
      await stage.settle();
      expect(stage.clock.now() - before).toBeGreaterThanOrEqual(3 * 300_000);
      expect(postedKeys(stage)).toEqual(['a']);
      expect(stage.logs).toContainEqual(expect.objectContaining({ level: 'error', reason: error }));
    },
  );

  test('removed from the channel: it waits, and goes on after the next invitation', async () => {
    const stage = await startWith(['a']);
    const { channel, slack, user } = stage;
    slack.eventFaults.add({ kind: 'drop', match: ({ type }) => type === 'channel_left' });
    slack.removeBot(channel);
    await enqueue(stage, [post(channel, 'digest'), ...stage.sent.map((ts) => react(channel, ts))]);
    await stage.settle();
    expect((await outbox(stage)).map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    slack.inviteBot(channel, user);
    await slack.idle();
    await stage.settle();
    expect(postedKeys(stage)).toEqual(['digest']);
    expect(stage.reactionsOf(stage.sent[0] ?? '')).toEqual(['bug']);
  });

  test('Slack out for a while: everything is tried again until it is there, once', async () => {
    const stage = await startWith(['a', 'b']);
    const { channel, slack } = stage;
    slack.faults.add({ method: 'chat.postMessage', kind: 'status', status: 503, times: 5 });
    slack.faults.add({ method: 'conversations.history', kind: 'status', status: 503, times: 3 });
    slack.faults.add({ method: 'reactions.add', kind: 'garbage', times: 5 });
    await enqueue(stage, [post(channel, 'digest'), ...stage.sent.map((ts) => react(channel, ts))]);
    await stage.settle();
    expect(postedKeys(stage)).toEqual(['digest']);
    expect((await outbox(stage)).map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  });
});

test('a limit of one method holds up all its calls and no others, for as long as Slack says', async () => {
  // At Slack's own pace only five reactions may go at once: the next ones are waiting for their
  // turn when one of the five is told to wait.
  const stage = await startWith(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], { rateScale: 1 });
  const { channel, slack, clock } = stage;
  const held = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const limited = Promise.withResolvers<void>();
  let holding = 0;
  clock.sleep = async (ms) => {
    if (ms > 40_000) {
      if (++holding === 3) held.resolve();
      await over.promise;
    } else {
      await limited.promise;
    }
    clock.jump(ms);
  };
  let calls = 0;
  slack.faults.add({
    method: 'reactions.add',
    kind: 'rate_limit',
    retryAfter: 60,
    match: () => ++calls === 5,
  });
  await enqueue(
    stage,
    stage.sent.map((ts) => react(channel, ts)),
  );
  const flushing = flushLane(stage.context, REACTION_LANE, new AbortController().signal);
  await stage.waitFor(() => stage.logs.some(({ message }) => message === 'Slack asks to wait'));
  limited.resolve();
  await held.promise;
  expect(slack.callCounts.get('reactions.add')).toBe(5);

  await enqueue(stage, [post(channel, 'digest')]);
  await flushLane(stage.context, `post ${channel}`, new AbortController().signal);
  expect(postedKeys(stage)).toEqual(['digest']);
  expect(slack.callCounts.get('reactions.add')).toBe(5);

  over.resolve();
  await flushing;
  await stage.settle();
  expect(stage.sent.filter((ts) => stage.reactionsOf(ts).length === 1)).toHaveLength(8);
});

test('stopped in the middle, it delivers nothing more; the rest is there for the next start', async () => {
  const stage = await startWith([]);
  await enqueue(
    stage,
    ['a', 'b', 'c'].map((key) => post(stage.channel, key)),
  );
  const stopping = new AbortController();
  stage.slack.faults.add({
    method: 'chat.postMessage',
    kind: 'garbage',
    match: () => {
      stopping.abort();
      return false;
    },
  });
  expect(await flushLane(stage.context, `post ${stage.channel}`, stopping.signal)).toBeNull();
  expect((await outbox(stage)).map(({ state }) => state)).toEqual(['done', 'waiting', 'waiting']);
});
