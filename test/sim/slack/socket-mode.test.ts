import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import type { SlackSim } from '../../../sim/slack/slack-sim.ts';
import { createApp, createClient, holdTimers, startStage } from './start-sim.ts';

interface Envelope {
  envelope_id?: string;
  type: string;
  payload?: { event_id?: string; event?: Record<string, unknown> };
  retry_attempt?: number;
  retry_reason?: string;
  num_connections?: number;
  accepts_response_payload?: boolean;
}

/** A bare connection that records every envelope and, by default, acks it. */
async function connect(sim: SlackSim, ack = true) {
  const client = createClient(sim, { headers: { Authorization: `Bearer ${sim.appToken}` } });
  const bare = await fetch(`${sim.apiUrl}apps.connections.open`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sim.appToken}` },
  });
  const { url } = (await bare.json()) as { url: string };
  const socket = new WebSocket(url);
  const envelopes: Envelope[] = [];
  socket.on('message', (data) => {
    const envelope = JSON.parse(String(data)) as Envelope;
    envelopes.push(envelope);
    if (ack && envelope.envelope_id)
      socket.send(JSON.stringify({ envelope_id: envelope.envelope_id }));
  });
  await once(socket, 'message');
  expect(envelopes[0]).toMatchObject({ type: 'hello' });
  const events = () => envelopes.filter((e) => e.type === 'events_api');
  return { client, socket, envelopes, events };
}

test('a real Bolt app hears messages and reactions, and reacts', async () => {
  const { sim, ann, channel } = await startStage();
  const app = createApp(sim);
  const heard: string[] = [];
  app.message(async ({ message, client }) => {
    heard.push(message.ts);
    await client.reactions.add({ channel: message.channel, timestamp: message.ts, name: 'eyes' });
  });
  const reactions: unknown[] = [];
  app.event('reaction_added', async ({ event }) => void reactions.push(event));
  await app.start();
  const ts = sim.post({ channel, user: ann, text: 'It crashes &amp; burns' });
  await sim.waitFor(() => sim.message(channel, ts)?.reactions.some((r) => r.name === 'eyes'));
  sim.react({ channel, ts, user: ann, name: 'thumbsup' });
  await sim.idle();
  expect(heard).toEqual([ts]);
  // Bolt's ignoreSelf drops the bot's own reaction; the person's has the emoji's first name.
  expect(reactions).toMatchObject([{ user: ann, reaction: '+1', item: { ts }, item_user: ann }]);
});

test('hello counts the connections, and each payload goes to one of them', async () => {
  const { sim, ann, channel } = await startStage();
  const one = await connect(sim);
  const two = await connect(sim);
  expect(two.envelopes[0]).toMatchObject({ num_connections: 2 });
  for (let i = 0; i < 10; i += 1) sim.post({ channel, user: ann, text: `m${i}` });
  await sim.idle();
  expect(one.events().length).toBeGreaterThan(0);
  expect(two.events().length).toBeGreaterThan(0);
  expect(one.events().length + two.events().length).toBe(10);
});

test('every kind of event, in the shape that Slack gives it', async () => {
  const { sim, ann, channel, client } = await startStage({
    events: [
      'message.channels',
      'message.groups',
      'reaction_added',
      'reaction_removed',
      'app_home_opened',
      'member_joined_channel',
      'member_left_channel',
      'channel_left',
      'group_left',
      'channel_archive',
      'channel_rename',
    ],
  });
  const { events } = await connect(sim);
  const next = async (act: () => unknown) => {
    const from = events().length;
    await act();
    await sim.idle();
    return events()
      .slice(from)
      .map((e) => e.payload?.event ?? {});
  };
  const ts = sim.post({ channel, user: ann, text: 'one' });
  await sim.idle();
  expect(events()[0]).toMatchObject({
    retry_attempt: 0,
    accepts_response_payload: false,
    payload: {
      type: 'event_callback',
      team_id: sim.teamId,
      api_app_id: sim.appId,
      authorizations: [{ user_id: sim.botUserId, is_bot: true }],
      event: {
        type: 'message',
        channel,
        user: ann,
        text: 'one',
        ts,
        event_ts: ts,
        channel_type: 'channel',
      },
    },
  });
  expect(await next(() => sim.edit({ channel, ts, text: 'two' }))).toMatchObject([
    {
      subtype: 'message_changed',
      hidden: true,
      message: { text: 'two', edited: { user: ann } },
      previous_message: { text: 'one' },
    },
  ]);
  const [unfurled] = await next(() => sim.unfurl({ channel, ts }));
  expect(unfurled).toMatchObject({
    subtype: 'message_changed',
    message: { text: 'two' },
    previous_message: { text: 'two' },
  });
  expect(unfurled).not.toHaveProperty('user');
  let reply = '';
  await next(() => {
    reply = sim.post({ channel, user: ann, text: 'r', threadTs: ts });
  });
  expect(
    await next(() => sim.post({ channel, user: ann, text: 'b', threadTs: ts, broadcast: true })),
  ).toMatchObject([{ subtype: 'thread_broadcast', thread_ts: ts, root: { ts, reply_count: 2 } }]);
  expect(await next(() => sim.delete({ channel, ts: reply }))).toMatchObject([
    { subtype: 'message_deleted', deleted_ts: reply, previous_message: { text: 'r' } },
  ]);
  // The parent still has a reply, so it becomes a tombstone, which Slack reports as a change.
  expect(await next(() => sim.delete({ channel, ts }))).toMatchObject([
    {
      subtype: 'message_changed',
      message: { subtype: 'tombstone' },
      previous_message: { text: 'two' },
    },
  ]);
  expect(
    await next(() => sim.post({ channel, botId: 'B1', subtype: 'bot_message', text: 'beep' })),
  ).toMatchObject([{ subtype: 'bot_message', bot_id: 'B1' }]);
  expect(await next(() => sim.post({ channel, user: ann, files: [{ id: 'F1' }] }))).toMatchObject([
    { subtype: 'file_share' },
  ]);
  // The bot's own posts, updates and reactions are events too.
  const { ts: own = '' } = await client.chat.postMessage({
    channel,
    text: 'mine',
    metadata: { event_type: 'a', event_payload: {} },
  });
  await sim.idle();
  const ownEvent = events().at(-1)?.payload?.event;
  expect(ownEvent).toMatchObject({ bot_id: sim.botId, user: sim.botUserId, ts: own });
  expect(ownEvent?.metadata).toEqual({ event_type: 'a' });
  expect(
    await next(() => client.reactions.add({ channel, timestamp: own, name: 'eyes' })),
  ).toMatchObject([
    {
      type: 'reaction_added',
      user: sim.botUserId,
      item_user: sim.botUserId,
      item: { type: 'message', channel, ts: own },
    },
  ]);
  expect(
    await next(() => client.reactions.remove({ channel, timestamp: own, name: 'eyes' })),
  ).toMatchObject([{ type: 'reaction_removed' }]);
  expect(await next(() => sim.openHome(ann))).toMatchObject([
    { type: 'app_home_opened', user: ann, tab: 'home' },
  ]);
  const hidden = sim.addChannel({ name: 'hidden', isPrivate: true, members: [ann] });
  expect(await next(() => sim.post({ channel: hidden, user: ann, text: 'unseen' }))).toEqual([]);
  expect(await next(() => sim.inviteBot(hidden, ann))).toMatchObject([
    { type: 'message', subtype: 'channel_join', inviter: ann },
    { type: 'member_joined_channel', user: sim.botUserId, inviter: ann, channel: hidden },
  ]);
  expect(await next(() => sim.removeBot(hidden, ann))).toMatchObject([
    { type: 'group_left', channel: hidden, actor_id: ann },
  ]);
  expect(await next(() => sim.rename(channel, 'voices'))).toMatchObject([
    { subtype: 'channel_name' },
    { type: 'channel_rename', channel: { id: channel, name: 'voices' } },
  ]);
  expect(await next(() => sim.archive(channel))).toMatchObject([
    { subtype: 'channel_archive' },
    { type: 'channel_archive', channel },
  ]);
});

test('only subscribed events are delivered', async () => {
  const { sim, ann, channel } = await startStage({ events: ['reaction_added'] });
  const { events } = await connect(sim);
  const ts = sim.post({ channel, user: ann, text: 'unheard' });
  sim.react({ channel, ts, user: ann, name: 'eyes' });
  await sim.idle();
  expect(events().map((e) => e.payload?.event?.type)).toEqual(['reaction_added']);
});

test('an event without an ack is retried and finally lost', async () => {
  const { sim, ann, channel } = await startStage({ ackTimeoutMs: 20, retryDelaysMs: [0, 5] });
  const { socket, events } = await connect(sim, false);
  sim.post({ channel, user: ann, text: 'hello?' });
  await sim.idle();
  while (events().length < 3) await once(socket, 'message');
  expect(events().map((e) => [e.retry_attempt, e.retry_reason])).toEqual([
    [0, ''],
    [1, 'timeout'],
    [2, 'timeout'],
  ]);
  expect(new Set(events().map((e) => e.payload?.event_id)).size).toBe(1);
  expect(sim.lostEvents).toHaveLength(1);
});

test('what was sent over a socket that closes is sent again at once', async () => {
  const hour = 3_600_000;
  const { sim, ann, channel } = await startStage({ ackTimeoutMs: hour, retryDelaysMs: [0] });
  const { events } = await connect(sim, false);
  sim.post({ channel, user: ann, text: 'hello?' });
  const typed = sim.command({ command: '/x', text: '', user: ann, channel });
  await vi.waitFor(() => expect(events()).toHaveLength(1), { interval: 5, timeout: 60_000 });
  sim.sockets.cut();
  expect(await typed).toEqual({ acked: false, error: 'operation_timeout' });
  await sim.idle();
  expect(sim.lostEvents).toHaveLength(1);
});

test('without a socket, an event waits for its retry', async () => {
  holdTimers();
  const { sim, ann, channel } = await startStage({ retryDelaysMs: [50] });
  sim.post({ channel, user: ann, text: 'anybody?' });
  const { events } = await connect(sim);
  vi.advanceTimersByTime(50);
  await sim.idle();
  expect(events()).toMatchObject([{ retry_reason: 'connection_failed' }]);
  expect(events()[0]?.retry_attempt).toBeGreaterThan(0);
  const none = await startStage({ retryDelaysMs: [] });
  none.sim.post({ channel: none.channel, user: none.ann, text: 'anybody?' });
  await none.sim.idle();
  expect(none.sim.lostEvents).toHaveLength(1);
});

test('sockets can be recycled, cut, silenced and refused', async () => {
  const { sim, ann, channel } = await startStage({ ackTimeoutMs: 20, retryDelaysMs: [] });
  const one = await connect(sim);
  sim.sockets.sendRaw({ type: 'app_rate_limited' });
  const closed = once(one.socket, 'close');
  sim.sockets.refresh();
  await sim.waitFor(() => sim.sockets.count() === 0);
  await closed;
  expect(one.envelopes.map((e) => e.type)).toEqual(['hello', 'app_rate_limited', 'disconnect']);
  const two = await connect(sim);
  sim.sockets.goSilent();
  let pongs = 0;
  two.socket.on('pong', () => {
    pongs += 1;
  });
  two.socket.ping();
  sim.post({ channel, user: ann, text: 'into the void' });
  await sim.idle();
  expect([sim.sockets.count(), pongs, two.events().length, sim.lostEvents.length]).toEqual([
    1, 0, 0, 1,
  ]);
  sim.sockets.cut();
  await sim.waitFor(() => sim.sockets.count() === 0);
  sim.sockets.refuse(true);
  await expect(connect(sim)).rejects.toThrow();
  sim.sockets.refuse(false);
  await connect(sim);
});

test('events can be dropped, duplicated and delayed', async () => {
  const { sim, ann, channel } = await startStage();
  const { events } = await connect(sim);
  const texts = () => events().map((e) => e.payload?.event?.text);
  sim.eventFaults.add({ match: (e) => e.text === 'gone', kind: 'drop' });
  sim.eventFaults.add({ match: (e) => e.text === 'twice', kind: 'duplicate' });
  sim.eventFaults.add({ match: (e) => e.text === 'late', kind: 'late' });
  for (const text of ['gone', 'late', 'twice', 'last']) sim.post({ channel, user: ann, text });
  await sim.idle();
  expect(texts()).toEqual(['twice', 'twice', 'last', 'late']);
  expect(new Set(events().map((e) => e.payload?.event_id)).size).toBe(4);
});

test('a listener is called when a socket opens or closes, until it is removed', async () => {
  const { sim } = await startStage();
  const counts: number[] = [];
  const stop = sim.sockets.onChange(() => counts.push(sim.sockets.count()));
  await connect(sim);
  sim.sockets.cut();
  await sim.waitFor(() => sim.sockets.count() === 0);
  expect(counts).toEqual([1, 0]);
  stop();
  await connect(sim);
  expect(counts).toEqual([1, 0]);
});

test('an acknowledgement of more than 20 KB ends the connection', async () => {
  const { sim, ann, channel } = await startStage();
  const { socket, envelopes } = await connect(sim, false);
  const closed = once(socket, 'close');
  const asked = once(socket, 'message');
  const answer = sim.command({ command: '/long', user: ann, channel });
  await asked;
  expect(envelopes).toHaveLength(2);
  const frame = (text: string) =>
    JSON.stringify({ envelope_id: envelopes[1]?.envelope_id, payload: { text } });
  socket.send(frame('x'.repeat(20_480)));
  expect((await closed)[0]).toBe(1009);
  expect(await answer).toMatchObject({ acked: false });
});
