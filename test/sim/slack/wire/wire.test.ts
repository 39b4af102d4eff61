import { once } from 'node:events';
import type { WebClient } from '@slack/web-api';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { playIntegrations } from '../../../../demo/integrations/play.ts';
import type { SlackSim } from '../../../../sim/slack/slack-sim.ts';
import { isObject, type JsonObject } from '../../../../sim/slack/types.ts';
import { METHODS } from '../../../../sim/slack/web-api/methods.ts';
import { createClient, MANY_SCOPES, startStage } from '../start-sim.ts';
import { checkTypes, type Sent } from './check.ts';
import type { Wire } from './types.ts';

/**
 * Everything that the stand-in sends, compared by the compiler with the types of Slack's packages. They
 * are generated from what Slack sends, so a stand-in that drifts from Slack fails here.
 */

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });

/** A day in which each method is called and each event sent. */
async function playDay(): Promise<Sent[]> {
  const sent: Sent[] = [];
  const { sim, ann, channel } = await startStage({ scopes: MANY_SCOPES });
  const client = createClient(sim, {
    fetch: async (input, init) => {
      const response = await fetch(input as string, init as RequestInit);
      const kind = new URL(String(input)).pathname.replace('/api/', '') as keyof Wire;
      sent.push({ kind, value: (await response.clone().json()) as JsonObject });
      return response as never;
    },
  });
  const app = { token: sim.appToken };
  const { url } = (await client.apiCall('apps.connections.open', app)) as unknown as {
    url: string;
  };
  const socket = new WebSocket(url);
  socket.on('message', (data) => {
    const { envelope_id, type, payload } = JSON.parse(String(data)) as JsonObject;
    if (envelope_id !== undefined) socket.send(JSON.stringify({ envelope_id }));
    if (isObject(payload)) sent.push(...describe(String(type), payload));
  });
  await once(socket, 'message');

  playPeople(sim, ann, channel);
  const takeTrigger = () =>
    String(sent.findLast(({ kind }) => kind === 'block_actions')?.value.trigger_id);
  await playApp({ client, sim, ann, channel, takeTrigger });
  await sim.idle();
  return sent;
}

/** Everything that people and other apps do; the bot leaves a channel at the end. */
function playPeople(sim: SlackSim, ann: string, channel: string): void {
  const eve = sim.addUser({ name: 'eve', teamId: 'T0CUSTOMER', isStranger: true });
  const bob = sim.addUser({ name: 'bob', isRestricted: true, tz: 'Asia/Tokyo' });
  const form = sim.addIntegration({ name: 'Form', hasUser: true });
  const tickets = sim.addIntegration({ name: 'Tickets' });
  sim.join(channel, eve, ann);
  sim.join(channel, bob, ann);
  const ts = sim.post({
    channel,
    user: ann,
    text: '*It* <@U1> :tada: <https://a.example|docs> crashes',
  });
  sim.post({ channel, user: ann, text: 'One:\n• a\n1. b\n&gt; c\n```d```' });
  sim.post({ channel, user: eve, text: 'from outside' });
  sim.post({ channel, user: bob, text: 'waves', subtype: 'me_message' });
  sim.post({ channel, user: bob, text: 'look', files: [{ id: 'F0PICTURE', name: 'a.png' }] });
  const attachments = [
    { id: 1, fallback: 'x', color: 'a0a0a0', text: 'x', blocks: [section('x')] },
  ];
  sim.post({
    channel,
    botId: form,
    text: 'A response',
    blocks: [{ ...section('x'), block_id: 'b' }],
  });
  const ticket = sim.post({ channel, botId: tickets, text: 'Ticket 1', attachments });
  sim.edit({ channel, ts: ticket, text: 'Ticket 1: closed' });
  playIntegrations(sim, { channel, people: [ann, bob] });
  const early = sim.post({ channel, user: bob, text: 'me too', threadTs: ts, broadcast: true });
  const late = sim.post({ channel, user: bob, text: 'and here', threadTs: ts });
  sim.broadcast({ channel, ts: late });
  sim.react({ channel, ts, user: bob, name: 'eyes' });
  sim.unreact({ channel, ts, user: bob, name: 'eyes' });
  sim.react({ channel, ts, user: bob, name: 'eyes' });
  sim.edit({ channel, ts: early, text: 'me three' });
  sim.delete({ channel, ts: early });
  sim.promote(bob);
  sim.leave(channel, bob);
  sim.deactivate(bob);
  sim.rename(channel, 'voices');
  sim.openHome(ann);
  sim.openHome(ann, 'messages');
  sim.post({ channel: sim.direct(ann) ?? '', user: ann, text: 'help' });
  sim.post({ channel, user: ann, text: `<@${sim.botUserId}> help`, threadTs: ts });
  const other = sim.addChannel({ name: 'other', members: [ann] });
  sim.inviteBot(other, ann);
  sim.removeBot(other, ann);
  const old = sim.addChannel({ name: 'old', members: [ann, sim.botUserId] });
  sim.archive(old, ann);
  sim.unarchive(old, ann);
  sim.changeId(old, 'C0SHAREDOLD');
  sim.transcribe('F0PICTURE', 'what it says');
}

/** Calls each method, and presses and submits what the app shows. */
async function playApp({
  client,
  sim,
  ann,
  channel,
  takeTrigger,
}: {
  client: WebClient;
  sim: SlackSim;
  ann: string;
  channel: string;
  /** The trigger of the last press. */
  takeTrigger: () => string;
}): Promise<void> {
  const blocks = [
    { ...section('x'), accessory: { type: 'button', action_id: 'go', text: plain('Go') } },
    {
      type: 'actions',
      elements: [
        { type: 'static_select', action_id: 'pick', options: [{ text: plain('A'), value: 'a' }] },
      ],
    },
  ];
  const metadata = { event_type: 'a', event_payload: { id: 1 } };
  const { ts = '' } = await client.chat.postMessage({ channel, text: 'x', blocks, metadata });
  await client.chat.update({ channel, ts, text: 'y', blocks });
  await client.chat.postEphemeral({ channel, user: ann, text: 'x', blocks });
  await client.chat.getPermalink({ channel, message_ts: ts });
  await client.chat.postMessage({ channel, text: 'a reply', thread_ts: ts });
  await client.reactions.add({ channel, timestamp: ts, name: 'eyes' });
  await client.reactions.get({ channel, timestamp: ts });
  await client.reactions.list({});
  await client.reactions.remove({ channel, timestamp: ts, name: 'eyes' });
  for (const include_all_metadata of [true, false]) {
    await client.conversations.history({ channel, include_all_metadata });
    await client.conversations.replies({ channel, ts, include_all_metadata });
  }
  await client.conversations.history({ channel, limit: 1 });
  await client.conversations.info({ channel, include_num_members: true });
  await client.conversations.list({ types: 'public_channel,private_channel,im' });
  await client.conversations.members({ channel });
  await client.conversations.join({ channel });
  await client.conversations.open({ users: ann, return_im: true });
  await client.users.list({ include_locale: true });
  await client.users.info({ user: ann });
  await client.users.conversations({});
  sim.addEmoji('parrot');
  await client.emoji.list({ include_categories: true });
  sim.removeEmoji('parrot');
  await client.team.info();
  await client.auth.test();
  await client.bots.info({});
  const { upload_url = '', file_id = '' } = await client.files.getUploadURLExternal({
    filename: 'a.txt',
    length: 1,
  });
  await fetch(upload_url, { method: 'POST', body: 'x' });
  await client.files.completeUploadExternal({ files: [{ id: file_id }], channel_id: channel });
  await client.files.info({ file: file_id });
  await client.files.info({ file: 'F0PICTURE' });
  await client.chat.postMessage({ channel: 'C404', text: 'x' }).catch(() => {});
  await client.chat.postMessage({ channel, text: 'x', blocks: [{ type: 'x' }] }).catch(() => {});

  await sim.command({ command: '/x', user: ann, channel });
  await sim.shortcut({ callbackId: 'triage', user: ann, channel, ts });
  await sim.click({ user: ann, channel, ts, actionId: 'go' });
  await sim.click({ user: ann, channel, ts, actionId: 'pick', selectedOption: 'a' });
  await client.views.publish({ user_id: ann, view: { type: 'home', blocks } });
  await sim.click({ user: ann, home: true, actionId: 'go' });
  sim.openHome(ann);
  const input = { type: 'input', block_id: 'why', label: plain('Why?') };
  const view = {
    type: 'modal' as const,
    title: plain('Title'),
    submit: plain('Save'),
    notify_on_close: true,
    blocks: [{ ...input, element: { type: 'plain_text_input', action_id: 'text' } }],
  };
  const trigger = async () => {
    await sim.click({ user: ann, channel, ts, actionId: 'go' });
    return takeTrigger();
  };
  const opened = await client.views.open({ trigger_id: await trigger(), view });
  const pushed = await client.views.push({ trigger_id: await trigger(), view });
  await client.views.update({ view_id: opened.view?.id ?? '', view });
  await sim.submitView({ viewId: pushed.view?.id ?? '', values: { why: { text: 'because' } } });
  await sim.closeView({ viewId: opened.view?.id ?? '' });
  await client.chat.delete({ channel, ts });
}

function describe(type: string, payload: JsonObject): Sent[] {
  if (type === 'slash_commands') return [{ kind: 'slash_command', value: payload }];
  if (type === 'interactive') return [{ kind: payload.type as keyof Wire, value: payload }];
  const { event, ...envelope } = payload;
  if (!isObject(event)) throw new Error('An envelope without an event.');
  const subtype = event.subtype === undefined ? '' : `/${event.subtype}`;
  const kind = `${event.type}${subtype}` as keyof Wire;
  return [
    { kind: 'envelope', value: { ...envelope, event: null } },
    { kind, value: event },
  ];
}

test('what the stand-in sends is what Slack’s packages say that Slack sends', async () => {
  const sent = await playDay();
  expect(await checkTypes(sent)).toEqual([]);
  const kinds = new Set<string>(sent.map(({ kind }) => kind));
  expect(Object.keys(METHODS).filter((method) => !kinds.has(method))).toEqual([]);
});

test('drift is noticed: an unknown property, a missing one, a wrong value, an unknown event', async () => {
  const message = { type: 'message', ts: '1.000100', user: 'U1' };
  const errors = await checkTypes([
    { kind: 'conversations.history', value: { ok: true, messages: [{ ...message, usr: 'U1' }] } },
    { kind: 'reaction_added', value: { type: 'reaction_added', user: 'U1' } },
    { kind: 'users.info', value: { ok: true, user: { profile: { team: 7 } } } },
    { kind: 'message/unheard_of' as 'message', value: message },
    { kind: 'auth.test', value: { ok: true, user: 'bot' } },
  ]);
  const codes = errors.map((line) => /^(\S+) .*error (TS\d+)/.exec(line)?.slice(1).join(' '));
  expect(codes).toEqual([
    'conversations.history TS2353',
    'reaction_added TS2739',
    'users.info TS2322',
    'message/unheard_of TS2339',
  ]);
});
