import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sweep } from '../../../src/jobs/intake/sweep.ts';
import { type Stage, startStage, startWith } from '../../harness.ts';

/** Whatever no event has brought is found in history. */

const DAY_MS = 24 * 3_600_000;

const texts = async (stage: Stage) =>
  (
    await stage.rows(
      sql<{ text: string }>`select text from messages where deleted_at is null order by ts`,
    )
  ).map(({ text }) => text);

const members = async (stage: Stage) =>
  (await stage.rows(sql<{ id: string }>`select id from channels where state = 'member'`)).map(
    ({ id }) => id,
  );

/** Posted while nobody listens. */
const postUnseen = ({ slack, channel, user }: Stage, text: string, threadTs?: string) =>
  slack.post({ channel, user, text, silent: true, ...(threadTs && { threadTs }) });

describe('what was missed while the bot was down', () => {
  test('messages, over several pages, each once', async () => {
    const stage = await startWith(['seen']);
    for (let n = 0; n < 450; n++) postUnseen(stage, `unseen ${n}`);
    await sweep(stage.context);
    expect(await texts(stage)).toHaveLength(451);
    expect(stage.slack.callCounts.get('conversations.history')).toBe(3);
    await sweep(stage.context);
    expect(await texts(stage)).toHaveLength(451);
  });

  test('edits and deletions of the last days, when it looks back', async () => {
    const stage = await startWith(['will change', 'will go', 'stays']);
    const { slack, channel, clock } = stage;
    const [changed = '', gone = ''] = stage.sent;
    clock.jump(2 * DAY_MS);
    slack.post({ channel, user: stage.user, text: 'today' });
    await slack.idle();
    await sweep(stage.context);
    slack.edit({ channel, ts: changed, text: 'has changed', silent: true });
    slack.delete({ channel, ts: gone, silent: true });
    await sweep(stage.context);
    expect(await texts(stage)).toEqual(['will change', 'will go', 'stays', 'today']);
    await sweep(stage.context, { lookBackMs: 3 * DAY_MS });
    expect(await texts(stage)).toEqual(['has changed', 'stays', 'today']);
  });

  test('a deleted message with replies, which history shows as a tombstone', async () => {
    const stage = await startWith(['parent']);
    const { slack, channel, clock } = stage;
    const [ts = ''] = stage.sent;
    postUnseen(stage, 'reply', ts);
    slack.delete({ channel, ts, silent: true });
    clock.jump(1000);
    await sweep(stage.context);
    expect(await texts(stage)).toEqual([]);
  });

  test('replies of threads, as context, and those also sent to the channel, as feedback', async () => {
    const stage = await startWith(['parent']);
    const { slack, channel, user } = stage;
    const [threadTs = ''] = stage.sent;
    for (let n = 0; n < 250; n++) postUnseen(stage, `reply ${n}`, threadTs);
    slack.post({ channel, user, text: 'to all', threadTs, broadcast: true, silent: true });
    await sweep(stage.context);
    expect(await stage.rows(sql`select ts from replies`)).toHaveLength(250);
    expect(await texts(stage)).toEqual(['parent', 'to all']);
    const asked = slack.callCounts.get('conversations.replies');
    await sweep(stage.context);
    expect((slack.callCounts.get('conversations.replies') ?? 0) - (asked ?? 0)).toBeLessThanOrEqual(
      1,
    );
  });
});

describe('a message that is missing from history', () => {
  test('has been deleted, however young it is', async () => {
    const stage = await startWith(['stays', 'just now']);
    const { slack, channel } = stage;
    slack.delete({ channel, ts: stage.sent[1] ?? '', silent: true });
    await sweep(stage.context);
    expect(await texts(stage)).toEqual(['stays']);
  });

  test('has not when Slack knows it by its timestamp: history may show it late', async () => {
    const stage = await startWith(['just now']);
    const { slack, context } = stage;
    const method = 'conversations.history';
    slack.faults.add({ method, kind: 'answer', body: { messages: [], has_more: false } });
    await sweep(context);
    expect(await texts(stage)).toEqual(['just now']);
    expect(slack.callCounts.get(method)).toBe(2);
  });

  test('has not when Slack cannot be asked for it', async () => {
    const stage = await startWith(['just now']);
    const { slack, channel, context } = stage;
    const [ts = ''] = stage.sent;
    slack.delete({ channel, ts, silent: true });
    slack.faults.add({
      method: 'conversations.history',
      kind: 'status',
      status: 500,
      match: ({ latest }) => latest === ts,
    });
    expect(await sweep(context)).toBe('failed');
    expect(await texts(stage)).toEqual(['just now']);
    expect(await sweep(context)).toBe('done');
    expect(await texts(stage)).toEqual([]);
  });
});

describe('the channels themselves', () => {
  test('one that it was added to unseen counts from its arrival on', async () => {
    const stage = await startStage();
    const { slack, channel, user } = stage;
    postUnseen(stage, 'before its time');
    slack.inviteBot(channel, user);
    postUnseen(stage, 'since then');
    await sweep(stage.context);
    expect(await texts(stage)).toEqual(['since then']);
  });

  test('one where no arrival can be found counts from now on', async () => {
    const stage = await startStage();
    const { slack, user } = stage;
    const channel = slack.addChannel({ name: 'old', members: [user, slack.botUserId] });
    slack.post({ channel, user, text: 'old', silent: true });
    stage.clock.jump(5);
    await sweep(stage.context);
    stage.clock.jump(5);
    slack.post({ channel, user, text: 'new', silent: true });
    await sweep(stage.context);
    expect(await texts(stage)).toEqual(['new']);
  });

  test('one that cannot be read does not keep the others from being read', async () => {
    const stage = await startWith([]);
    const { slack, channel, user } = stage;
    const other = slack.addChannel({ name: 'other', members: [user] });
    slack.inviteBot(other, user);
    await slack.idle();
    for (const [unreadable, readable] of [
      [channel, other],
      [other, channel],
    ] as const) {
      slack.post({ channel: readable, user, text: `only ${readable}`, silent: true });
      slack.faults.add({
        method: 'conversations.history',
        kind: 'status',
        status: 500,
        match: (args) => args.channel === unreadable,
      });
      expect(await sweep(stage.context)).toBe('failed');
      expect(await texts(stage)).toContain(`only ${readable}`);
      slack.faults.clear();
    }
    // What was to be looked for in it still is: its look-back is not over before this.
    expect(await sweep(stage.context)).toBe('done');
    expect((await members(stage)).sort()).toEqual([channel, other].sort());
  });

  test('one that it was removed from unseen is left, and what is pending there stays', async () => {
    const stage = await startWith(['pending']);
    const { slack, channel, user } = stage;
    slack.eventFaults.add({ kind: 'drop', match: ({ type }) => type === 'channel_left' });
    slack.removeBot(channel);
    await sweep(stage.context);
    expect(await members(stage)).toEqual([]);
    expect(await texts(stage)).toEqual(['pending']);
    postUnseen(stage, 'without it');
    stage.clock.jump(5);
    slack.eventFaults.add({ kind: 'drop', match: ({ type }) => type === 'member_joined_channel' });
    slack.inviteBot(channel, user);
    postUnseen(stage, 'back again');
    await sweep(stage.context);
    expect(await texts(stage)).toEqual(['pending', 'back again']);
  });

  test('one that only seemed to be gone is read without a gap', async () => {
    const stage = await startWith(['before']);
    const { slack, clock } = stage;
    await sweep(stage.context);
    clock.jump(40 * DAY_MS);
    slack.post({ channel: stage.channel, user: stage.user, text: 'much later' });
    await slack.idle();
    await sweep(stage.context);
    slack.faults.add({
      method: 'conversations.history',
      kind: 'error',
      error: 'channel_not_found',
    });
    await sweep(stage.context);
    expect(await members(stage)).toEqual([]);
    postUnseen(stage, 'meanwhile');
    await sweep(stage.context);
    expect(await members(stage)).toEqual([stage.channel]);
    expect(await texts(stage)).toEqual(['before', 'much later', 'meanwhile']);
  });

  test('FEEDBACK_CHANNELS: the others are not read at all', async () => {
    const stage = await startStage({ settings: { feedbackChannels: ['C0ELSEWHERE'] } });
    stage.slack.inviteBot(stage.channel, stage.user);
    await sweep(stage.context);
    expect(stage.slack.callCounts.get('conversations.history')).toBeUndefined();
    expect(await members(stage)).toEqual([]);
  });

  test('private channels and own posts: the first are read, the second are not stored', async () => {
    const stage = await startStage();
    const { slack, user, context } = stage;
    const channel = slack.addChannel({ name: 'secret', isPrivate: true, members: [user] });
    slack.inviteBot(channel, user);
    slack.post({ channel, user, text: 'between us', silent: true });
    await context.slack.call('chat.postMessage', { channel, text: 'mine' }, z.looseObject({}));
    await sweep(context);
    expect(await texts(stage)).toEqual(['between us']);
  });
});

test('killed in the middle, it reads the rest the next time', async () => {
  const stage = await startWith([]);
  for (let n = 0; n < 450; n++) postUnseen(stage, `unseen ${n}`);
  stage.slack.faults.add({
    method: 'conversations.history',
    kind: 'status',
    status: 500,
    match: ({ cursor }) => cursor !== undefined,
    times: 1,
  });
  await sweep(stage.context);
  expect(await texts(stage)).toHaveLength(200);
  await sweep(stage.context);
  expect(await texts(stage)).toHaveLength(450);
});

test('a limit while reading is waited for', async () => {
  const stage = await startWith([]);
  postUnseen(stage, 'unseen');
  stage.slack.faults.add({ method: 'conversations.history', kind: 'rate_limit', retryAfter: 30 });
  await sweep(stage.context);
  expect(await texts(stage)).toEqual(['unseen']);
});
