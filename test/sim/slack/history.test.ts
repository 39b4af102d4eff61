import { expect, test, vi } from 'vitest';
import { addMessage } from '../../../sim/slack/messages.ts';
import { createWorkspace } from '../../../sim/slack/workspace.ts';
import { refusal, startStage } from './start-sim.ts';

/** `paginate` does not know which method it pages through. */
function readPage(page: unknown): { ts: string }[] {
  return (page as { messages: { ts: string }[] }).messages;
}

const at = (n: number) => `1700000000.${String(n).padStart(6, '0')}`;

test('pages go from newest to oldest and miss nothing', async () => {
  const { sim, ann, client, channel } = await startStage();
  for (let i = 25; i >= 1; i -= 1)
    sim.post({ channel, user: ann, text: `m${i}`, ts: at(i), silent: true });
  const seen: string[] = [];
  const sizes: number[] = [];
  for await (const page of client.paginate('conversations.history', { channel, limit: 10 })) {
    const messages = readPage(page);
    sizes.push(messages.length);
    seen.push(...messages.map((m) => m.ts));
  }
  expect(sizes).toEqual([10, 10, 5]);
  expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => at(25 - i)));
});

test('bounds are exact to the last digit', async () => {
  const { sim, ann, client, channel } = await startStage();
  for (const n of [1, 2, 3, 4])
    sim.post({ channel, user: ann, text: `m${n}`, ts: at(n), silent: true });
  const texts = async (args: object) =>
    ((await client.conversations.history({ channel, ...args })).messages ?? []).map((m) => m.text);
  expect(await texts({ oldest: at(2) })).toEqual(['m4', 'm3']);
  expect(await texts({ oldest: at(2), inclusive: true })).toEqual(['m4', 'm3', 'm2']);
  expect(await texts({ latest: at(3) })).toEqual(['m2', 'm1']);
  expect(await texts({ latest: at(3), oldest: at(3), inclusive: true })).toEqual(['m3']);
  expect(await texts({ oldest: '0' })).toHaveLength(4);
  expect(await texts({ oldest: '1700000000.0000025' })).toEqual(['m4', 'm3']);
  expect(await texts({ latest: '99999999999' })).toHaveLength(4);
  expect(await refusal(client.conversations.history({ channel, oldest: 'x' }))).toBe(
    'invalid_ts_oldest',
  );
  expect(await refusal(client.conversations.history({ channel, latest: '-1' }))).toBe(
    'invalid_ts_latest',
  );
  expect(await refusal(client.conversations.history({ channel, limit: 1000 }))).toBe(
    'invalid_limit',
  );
  expect(await refusal(client.conversations.history({ channel, cursor: 'x' }))).toBe(
    'invalid_cursor',
  );
  const outside = sim.addChannel({ name: 'outside', members: [ann] });
  expect(await refusal(client.conversations.history({ channel: outside }))).toBe('not_in_channel');
});

test('replies are in their thread only, broadcasts in both, and counts are updated', async () => {
  const { sim, ann, client, channel } = await startStage();
  const ts = sim.post({ channel, user: ann, text: 'parent' });
  const replies = [1, 2, 3].map((n) =>
    sim.post({ channel, user: ann, text: `r${n}`, threadTs: ts }),
  );
  const told = sim.post({ channel, user: ann, text: 'told', threadTs: ts, broadcast: true });
  const { messages: top = [] } = await client.conversations.history({ channel });
  expect(top.map((m) => m.text)).toEqual(['told', 'parent']);
  expect(top[1]).toMatchObject({ reply_count: 4, latest_reply: told, reply_users: [ann] });
  const first = await client.conversations.replies({ channel, ts, limit: 3 });
  expect(first.messages?.map((m) => m.text)).toEqual(['parent', 'r1', 'r2']);
  const second = await client.conversations.replies({
    channel,
    ts,
    limit: 3,
    cursor: first.response_metadata?.next_cursor ?? '',
  });
  expect(second.messages?.map((m) => m.text)).toEqual(['parent', 'r3', 'told']);
  expect(second.has_more).toBe(false);
  expect(await refusal(client.conversations.replies({ channel, ts: at(9) }))).toBe(
    'thread_not_found',
  );
  const lone = await client.conversations.replies({ channel, ts: replies[0] ?? '' });
  expect(lone.messages?.map((m) => m.text)).toEqual(['r1']);
});

test('a deleted parent is a tombstone until its last reply is deleted', async () => {
  const { sim, ann, client, channel } = await startStage();
  const ts = sim.post({ channel, user: ann, text: 'parent' });
  const reply = sim.post({ channel, user: ann, text: 'reply', threadTs: ts });
  sim.delete({ channel, ts });
  const { messages } = await client.conversations.history({ channel });
  expect(messages).toMatchObject([{ subtype: 'tombstone', user: 'USLACKBOT', reply_count: 1 }]);
  expect(sim.messages(channel).map((m) => m.text)).toEqual(['reply']);
  expect(await refusal(client.reactions.add({ channel, timestamp: ts, name: 'eyes' }))).toBe(
    'message_not_found',
  );
  sim.delete({ channel, ts: reply });
  expect((await client.conversations.history({ channel })).messages).toEqual([]);
});

test('twenty thousand messages can be paged through without missing one', async () => {
  const { sim, ann, client, channel } = await startStage();
  const parent = sim.post({ channel, user: ann, text: 'parent', ts: at(0), silent: true });
  for (let i = 1; i <= 10_000; i += 1) {
    sim.post({ channel, user: ann, text: `m${i}`, ts: at(i), silent: true });
    sim.post({
      channel,
      user: ann,
      text: `r${i}`,
      ts: at(100_000 + i),
      threadTs: parent,
      silent: true,
    });
  }
  let seen = 0;
  for await (const page of client.paginate('conversations.history', { channel, limit: 999 })) {
    seen += readPage(page).length;
  }
  expect(seen).toBe(10_001);
});

test('a reply reads as few messages of a long thread as of a short one', () => {
  const world = createWorkspace({ notify() {}, emit() {} });
  const channel = world.addChannel({ kind: 'channel', name: 'long', members: [] });
  addMessage(world, channel, { ts: at(0), text: 'parent', user: 'U1' });
  const get = vi.spyOn(channel.store, 'get');
  const reads = Array.from({ length: 1000 }, (_, i) => {
    get.mockClear();
    addMessage(world, channel, { ts: at(i + 1), thread_ts: at(0), text: 'reply', user: 'U1' });
    return get.mock.calls.length;
  });
  expect(channel.store.get(at(0))?.reply_count).toBe(1000);
  expect(new Set(reads)).toEqual(new Set([reads[0]]));
});

const BEGINS = ['newest', 'oldest without latest', 'oldest'] as const;

test.each(BEGINS.flatMap((begins) => [true, false].map((cursors) => ({ begins, cursors }))))(
  'pages that begin at $begins, cursors: $cursors, three messages at most',
  async ({ begins, cursors }) => {
    const { sim, ann, client, channel } = await startStage({
      history: { begins, cursors, pageCap: 3 },
    });
    for (const n of [1, 2, 3, 4, 5]) sim.post({ channel, user: ann, text: `m${n}`, ts: at(n) });
    const read = async (args: object) => {
      const page = await client.conversations.history({ channel, limit: 100, ...args });
      return {
        texts: (page.messages ?? []).map((m) => m.text),
        more: page.has_more,
        cursor: page.response_metadata?.next_cursor,
      };
    };
    const newest = { texts: ['m5', 'm4', 'm3'], more: true };
    const oldest = { texts: ['m3', 'm2', 'm1'], more: true };
    const bounded = { oldest: at(0), latest: at(9) };
    expect(await read(bounded)).toMatchObject(begins === 'oldest' ? oldest : newest);
    const first = await read({ oldest: at(0) });
    expect(first).toMatchObject(begins === 'newest' ? newest : oldest);
    expect(first.cursor !== undefined).toBe(cursors);
    if (!first.cursor) return;
    expect(await read({ oldest: at(0), cursor: first.cursor })).toMatchObject({
      texts: begins === 'newest' ? ['m2', 'm1'] : ['m5', 'm4'],
      more: false,
    });
  },
);

test('retention takes what is old', async () => {
  const day = 24 * 3_600_000;
  const { sim, ann, client, channel } = await startStage();
  const seconds = (days: number) => Math.floor((Date.now() - days * day) / 1000);
  const [parent, young] = [`${seconds(3)}.000100`, `${seconds(1)}.000100`];
  sim.post({ channel, user: ann, text: 'old', ts: parent, silent: true });
  const reply = { ts: `${seconds(3)}.000200`, threadTs: parent, silent: true };
  sim.post({ channel, user: ann, text: 'reply', ...reply });
  sim.post({ channel, user: ann, text: 'young', ts: young, silent: true });
  sim.forget(2);
  const { messages } = await client.conversations.history({ channel });
  expect(messages?.map((m) => m.text)).toEqual(['young']);
  expect(await refusal(client.conversations.replies({ channel, ts: parent }))).toBe(
    'thread_not_found',
  );
  expect(await refusal(client.chat.getPermalink({ channel, message_ts: parent }))).toBe(
    'message_not_found',
  );
  expect(await refusal(client.reactions.add({ channel, timestamp: parent, name: 'eyes' }))).toBe(
    'message_not_found',
  );
});
