import { expect, test } from 'vitest';
import { refusal, startStage } from './start-sim.ts';

/** `paginate` does not know which method it pages through. */
function readPage(page: unknown): { ts: string }[] {
  return (page as { messages: { ts: string }[] }).messages;
}

const at = (n: number) => `1700000000.${String(n).padStart(6, '0')}`;

test('pages go from the newest to the oldest and lose nothing', async () => {
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

test('bounds compare to the last digit', async () => {
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

test('replies stay in their thread, broadcasts show in both, counts follow', async () => {
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

test('a deleted parent stays as a tombstone until its last reply goes', async () => {
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

/** The CPU time, in µs, that twice as many messages and their pages take. */
async function measure(count: number): Promise<number> {
  const { sim, ann, client, channel } = await startStage();
  const before = process.cpuUsage();
  const parent = sim.post({ channel, user: ann, text: 'parent', ts: at(0), silent: true });
  for (let i = 1; i <= count; i += 1) {
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
  expect(seen).toBe(count + 1);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

test('twenty thousand messages and their pages stay quick', async () => {
  // The first time it is still being compiled.
  await measure(1000);
  const few = await measure(1000);
  // Ten times as long, and not a hundred times.
  expect(await measure(10_000)).toBeLessThan(30 * few);
});
