import { once } from 'node:events';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import type { SlackSim } from '../../../sim/slack/slack-sim.ts';
import { refusal, startStage } from './start-sim.ts';

/** Channels with another id, tokens of a whole Enterprise Grid, and connections that mislead. */

interface Envelope {
  type: string;
  envelope_id?: string;
  num_connections?: number;
  reason?: string;
  payload?: { event?: Record<string, unknown> };
}

async function connect(sim: SlackSim) {
  const answer = await fetch(`${sim.apiUrl}apps.connections.open`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sim.appToken}` },
  });
  const { url, error } = (await answer.json()) as { url?: string; error?: string };
  if (!url) throw new Error(error);
  const socket = new WebSocket(url);
  const envelopes: Envelope[] = [];
  socket.on('message', (data) => {
    const envelope = JSON.parse(String(data)) as Envelope;
    envelopes.push(envelope);
    if (envelope.envelope_id) socket.send(JSON.stringify({ envelope_id: envelope.envelope_id }));
  });
  await once(socket, 'message');
  const events = () => envelopes.flatMap(({ payload }) => payload?.event ?? []);
  return { socket, envelopes, events };
}

test('a channel with another id keeps its messages; the old id is unknown', async () => {
  const { sim, ann, channel, client } = await startStage();
  const { events } = await connect(sim);
  const ts = sim.post({ channel, user: ann, text: 'before' });
  sim.changeId(channel, 'C0SHARED');
  await sim.idle();
  expect(events().at(-1)).toMatchObject({
    type: 'channel_id_changed',
    old_channel_id: channel,
    new_channel_id: 'C0SHARED',
  });
  const { messages } = await client.conversations.history({ channel: 'C0SHARED' });
  expect(messages).toMatchObject([{ ts, text: 'before' }]);
  expect(await refusal(client.conversations.history({ channel }))).toBe('channel_not_found');
  expect(() => sim.changeId('C0SHARED', 'C0SHARED')).toThrow();
});

test('an archived channel can be opened again, with its members', async () => {
  const { sim, ann, channel, client } = await startStage();
  const { events } = await connect(sim);
  sim.archive(channel, ann);
  sim.unarchive(channel, ann);
  await sim.idle();
  expect(events().slice(-2)).toMatchObject([
    { type: 'message', subtype: 'channel_unarchive' },
    { type: 'channel_unarchive', channel, user: ann },
  ]);
  const { channels } = await client.users.conversations({ exclude_archived: true });
  expect(channels).toMatchObject([{ id: channel }]);
});

test('a token of a whole Enterprise Grid has to name the workspace of a list', async () => {
  const { sim, client } = await startStage({ enterpriseId: 'E0GRID', orgInstall: true });
  expect(await client.auth.test()).toMatchObject({ is_enterprise_install: true });
  for (const list of [
    client.users.conversations,
    client.conversations.list,
    client.users.list,
    client.bots.info,
    client.reactions.list,
  ]) {
    expect(await refusal(list({}))).toBe('missing_argument');
    expect(await refusal(list({ team_id: 'T0OTHER' }))).toBe('team_access_not_granted');
    expect(await refusal(list({ team_id: sim.teamId }))).toBe('ok');
  }
});

test('a deaf socket answers pings and brings nothing; a new one brings all', async () => {
  const { sim, ann, channel } = await startStage({ ackTimeoutMs: 20, retryDelaysMs: [] });
  const one = await connect(sim);
  sim.sockets.goDeaf();
  sim.post({ channel, user: ann, text: 'unheard' });
  await sim.idle();
  const pong = once(one.socket, 'pong');
  one.socket.ping();
  await pong;
  expect(one.events()).toEqual([]);
  expect(sim.lostEvents).toHaveLength(1);
  one.socket.terminate();
  await sim.waitFor(() => sim.sockets.count() === 0);
  const two = await connect(sim);
  sim.post({ channel, user: ann, text: 'heard' });
  await sim.idle();
  expect(two.events()).toMatchObject([{ text: 'heard' }]);
});

test('another process is counted, and gets its share', async () => {
  const { sim, ann, channel } = await startStage({ retryDelaysMs: [] });
  sim.sockets.addGhosts(1);
  const { socket, envelopes, events } = await connect(sim);
  expect(envelopes[0]).toMatchObject({ type: 'hello', num_connections: 2 });
  for (let n = 0; n < 4; n++) sim.post({ channel, user: ann, text: `m${n}` });
  await sim.waitFor(() => events().length === 2);
  // What was acknowledged before has arrived when the answer is there.
  socket.ping();
  await once(socket, 'pong');
  sim.timeOut();
  await sim.idle();
  expect([events().length, sim.lostEvents.length]).toEqual([2, 2]);
  sim.sockets.clearGhosts();
  sim.post({ channel, user: ann, text: 'alone again' });
  await sim.idle();
  expect(events()).toHaveLength(3);
});

test('Slack tells why a connection ends', async () => {
  const { sim } = await startStage();
  const { socket, envelopes } = await connect(sim);
  const reasons = () => envelopes.flatMap(({ reason }) => reason ?? []);
  const warned = once(socket, 'message');
  sim.sockets.warn();
  await warned;
  expect([reasons(), socket.readyState]).toEqual([['warning'], WebSocket.OPEN]);
  const closed = once(socket, 'close');
  sim.sockets.disable(true);
  await closed;
  expect(reasons()).toEqual(['warning', 'link_disabled']);
  await expect(connect(sim)).rejects.toThrow();
  sim.sockets.disable(false);
  sim.sockets.addGhosts(10);
  const eleventh = await connect(sim);
  expect(eleventh.envelopes).toMatchObject([{ type: 'disconnect', reason: 'too_many_websockets' }]);
  expect(sim.sockets.count()).toBe(0);
});
