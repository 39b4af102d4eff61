import { describe, expect, test } from 'vitest';
import { startWith } from '../harness.ts';
import { enqueue, outbox, post, postedKeys, react, whisper } from './outbox.ts';

/** Slack has no key that makes a post happen once: a post whose answer is lost is looked for. */

const FAULTS = [
  { kind: 'cut' as const },
  { kind: 'hang' as const },
  { kind: 'status' as const, status: 500 },
  { kind: 'status' as const, status: 503 },
  { kind: 'garbage' as const },
  { kind: 'error' as const, error: 'internal_error' },
  { kind: 'error' as const, error: 'fatal_error' },
];

describe.each(FAULTS)('$kind $status$error', (fault) => {
  test.each(['after', 'before'] as const)('%s a post was made: it is there once', async (when) => {
    const stage = await startWith([], { impatient: true });
    stage.slack.faults.add({ ...fault, method: 'chat.postMessage', when });
    await enqueue(stage, [post(stage.channel, 'digest-r1')]);
    await stage.settle();
    expect(postedKeys(stage)).toEqual(['digest-r1']);
    expect((await outbox(stage))[0]).toMatchObject({
      state: 'done',
      posted_ts: stage.posts()[0]?.ts,
    });
  });

  test.each(['after', 'before'] as const)('%s a reply was made: it is there once', async (when) => {
    const stage = await startWith([], { impatient: true });
    stage.slack.faults.add({
      ...fault,
      method: 'chat.postMessage',
      when,
      match: ({ thread_ts }) => thread_ts !== undefined,
    });
    await enqueue(stage, [
      post(stage.channel, 'digest-r1', { priority: 0 }),
      post(stage.channel, 'list-r1', { parent: 'digest-r1' }),
    ]);
    await stage.settle();
    expect(postedKeys(stage)).toEqual(['digest-r1', 'list-r1']);
    expect(stage.posts()[1]?.thread_ts).toBe(stage.posts()[0]?.ts);
  });
});

test('a post that Slack makes only some time after its answer was lost is found, too', async () => {
  const stage = await startWith([]);
  stage.slack.faults.add({
    method: 'chat.postMessage',
    kind: 'cut',
    when: 'after',
    commitDelayMs: 100,
  });
  await enqueue(stage, [post(stage.channel, 'late')]);
  const next = await stage.step();
  expect((next ?? 0) - stage.clock.now()).toBeGreaterThan(4000);
  await stage.slack.waitFor(() => stage.posts().length === 1);
  await stage.settle();
  expect(postedKeys(stage)).toEqual(['late']);
});

test('it is found among many later posts, page by page', async () => {
  const stage = await startWith([]);
  stage.slack.faults.add({ method: 'chat.postMessage', kind: 'cut', when: 'after' });
  await stage.step();
  await enqueue(stage, [post(stage.channel, 'buried')]);
  await stage.step();
  const before = stage.slack.callCounts.get('conversations.history') ?? 0;
  for (let n = 0; n < 450; n++) {
    stage.slack.post({ channel: stage.channel, user: stage.user, text: `${n}`, silent: true });
  }
  await stage.settle();
  expect(postedKeys(stage)).toEqual(['buried']);
  expect(stage.slack.callCounts.get('conversations.history')).toBe(before + 3);
});

describe('however Slack pages, and not before it has shown everything', () => {
  test.each(
    (['newest', 'oldest'] as const).flatMap((begins) =>
      [true, false].map((cursors) => ({ begins, cursors })),
    ),
  )('pages from $begins, cursors $cursors: it is there once', async ({ begins, cursors }) => {
    const stage = await startWith([], { slack: { history: { begins, cursors, pageCap: 5 } } });
    const { slack, channel, user } = stage;
    slack.faults.add({ method: 'chat.postMessage', kind: 'cut', when: 'after' });
    const post30 = () => {
      for (let n = 0; n < 30; n++) slack.post({ channel, user, text: `${n}`, silent: true });
    };
    post30();
    await enqueue(stage, [post(channel, 'digest-r1')]);
    await stage.step();
    post30();
    await stage.settle();
    expect(postedKeys(stage)).toEqual(['digest-r1']);
  });

  test.each([
    ['a page with more to come and no way to get it', { messages: [], has_more: true }],
    [
      'the same cursor for ever',
      { messages: [], has_more: true, response_metadata: { next_cursor: 'again' } },
    ],
  ])('%s: it is not posted again until then', async (_name, body) => {
    const stage = await startWith([]);
    const { slack, channel } = stage;
    slack.faults.add({ method: 'chat.postMessage', kind: 'cut', when: 'after' });
    await enqueue(stage, [post(channel, 'once')]);
    await stage.step();
    const method = 'conversations.history';
    slack.faults.add({ method, kind: 'answer', body, times: 5 });
    await stage.settle();
    expect(postedKeys(stage)).toEqual(['once']);
    expect(slack.callCounts.get('chat.postMessage')).toBe(1);
  });
});

test('the bot is killed while sending: the next process looks before it posts', async () => {
  const stage = await startWith([], { onDisk: true });
  stage.slack.faults.add({ method: 'chat.postMessage', kind: 'cut', when: 'after' });
  await enqueue(stage, [
    post(stage.channel, 'digest-r1', { priority: 0 }),
    post(stage.channel, 'list-r1', { parent: 'digest-r1' }),
  ]);
  await stage.step();
  await stage.restart();
  await stage.settle();
  expect(postedKeys(stage)).toEqual(['digest-r1', 'list-r1']);
});

test('looking is tried again while Slack cannot be read; nothing is posted meanwhile', async () => {
  const stage = await startWith([]);
  stage.slack.faults.add({ method: 'chat.postMessage', kind: 'cut', when: 'after' });
  stage.slack.faults.add({
    method: 'conversations.history',
    kind: 'status',
    status: 500,
    times: 3,
  });
  await enqueue(stage, [post(stage.channel, 'once')]);
  await stage.settle();
  expect(postedKeys(stage)).toEqual(['once']);
  expect(stage.slack.callCounts.get('chat.postMessage')).toBe(1);
});

test('another app’s post with the same key is not taken for ours', async () => {
  const stage = await startWith([]);
  const { slack, channel, user } = stage;
  slack.post({
    channel,
    user,
    botId: 'B0STAGING',
    text: 'Summary of another instance',
    metadata: { event_type: 'winnow_digest', event_payload: { key: 'digest-r1', run: 1 } },
  });
  slack.faults.add({ method: 'chat.postMessage', kind: 'cut' });
  await enqueue(stage, [post(channel, 'digest-r1')]);
  await stage.settle();
  expect(postedKeys(stage)).toEqual(['digest-r1']);
});

test('removed from the channel before it could look: it looks when it is back', async () => {
  const stage = await startWith([]);
  const { slack, channel, user } = stage;
  slack.faults.add({ method: 'chat.postMessage', kind: 'cut', when: 'after' });
  await enqueue(stage, [post(channel, 'once')]);
  await stage.step();
  slack.eventFaults.add({ kind: 'drop', match: ({ type }) => type === 'channel_left' });
  slack.removeBot(channel);
  await stage.settle();
  slack.inviteBot(channel, user);
  await slack.idle();
  await stage.settle();
  expect(postedKeys(stage)).toEqual(['once']);
  expect((await outbox(stage))[0]?.state).toBe('done');
});

test('a whisper whose answer is lost is not repeated: once too few is better than twice', async () => {
  const stage = await startWith([]);
  stage.slack.faults.add({ method: 'chat.postEphemeral', kind: 'cut', when: 'after' });
  await enqueue(stage, [whisper(stage.channel, stage.user, 'psst')]);
  await stage.settle();
  expect(stage.slack.ephemerals(stage.user)).toHaveLength(1);
  expect((await outbox(stage))[0]).toMatchObject({ state: 'done' });
});

test('a whisper that Slack has refused for now is said later', async () => {
  const stage = await startWith([]);
  stage.slack.faults.add({ method: 'chat.postEphemeral', kind: 'rate_limit', retryAfter: 3 });
  await enqueue(stage, [whisper(stage.channel, stage.user, 'psst')]);
  await stage.settle();
  expect(stage.slack.ephemerals(stage.user)).toHaveLength(1);
});

test.each(FAULTS)('a reaction whose answer is lost ($kind) is there once', async (fault) => {
  const stage = await startWith(['It crashes'], { impatient: true });
  const [ts = ''] = stage.sent;
  stage.slack.faults.add({ ...fault, method: 'reactions.add', when: 'after' });
  await enqueue(stage, [react(stage.channel, ts)]);
  await stage.settle();
  expect(stage.reactionsOf(ts)).toEqual(['bug']);
  expect((await outbox(stage))[0]).toMatchObject({ state: 'done', trouble: 'already_reacted' });
});
