import { expect, test } from 'vitest';
import { createApp, startStage } from './start-sim.ts';

/** What Slack says of the authors of posts, and replies that reach the channel later. */

interface Heard {
  message?: Record<string, unknown>;
  [field: string]: unknown;
}

/** The events that a connected app hears. */
async function startHearing() {
  const stage = await startStage();
  const app = createApp(stage.sim);
  const events: Heard[] = [];
  const envelopes: Record<string, unknown>[] = [];
  for (const kind of ['message', 'reaction_added', 'member_joined_channel']) {
    app.event(kind, async ({ event, body }) => {
      events.push(event as unknown as Heard);
      envelopes.push(body as unknown as Record<string, unknown>);
    });
  }
  await app.start();
  return { ...stage, events, envelopes };
}

test('an app with a bot user signs with its user and its profile', async () => {
  const { sim, channel, client } = await startStage();
  const botId = sim.addIntegration({ name: 'Typeform', hasUser: true });
  const ts = sim.post({ channel, botId, text: 'a response' });
  const { messages = [] } = await client.conversations.history({ channel });
  expect(messages[0]).toMatchObject({
    ts,
    user: expect.stringMatching(/^U/),
    bot_id: botId,
    app_id: expect.stringMatching(/^A/),
    bot_profile: { id: botId, name: 'Typeform', team_id: sim.teamId, deleted: false },
  });
  expect(messages[0]).not.toHaveProperty('subtype');
  expect(messages[0]).not.toHaveProperty('blocks');
  const { bot } = await client.bots.info({ bot: botId });
  expect(bot).toMatchObject({ id: botId, name: 'Typeform', user_id: messages[0]?.user });
});

test('an app without one, or under another name, is a bot_message with a username', async () => {
  const { sim, channel } = await startStage();
  const plain = sim.addIntegration({ name: 'Zendesk' });
  const named = sim.addIntegration({ name: 'Intercom', hasUser: true });
  const one = sim.post({ channel, botId: plain, text: 'a ticket' });
  const two = sim.post({ channel, botId: named, username: 'Jo (visitor)', text: 'hello' });
  const subtype = 'bot_message';
  expect(sim.message(channel, one)).toMatchObject({ subtype, bot_id: plain, username: 'Zendesk' });
  expect(sim.message(channel, two)).toMatchObject({ subtype, username: 'Jo (visitor)' });
  expect(sim.message(channel, two)).not.toHaveProperty('user');
  sim.edit({ channel, ts: one, text: 'closed', attachments: [{ fallback: 'solved' }] });
  expect(sim.message(channel, one)).toMatchObject({
    text: 'closed',
    attachments: [{ fallback: 'solved' }],
    edited: { user: plain },
  });
});

test('the app’s own posts have its profile', async () => {
  const { sim, channel, client } = await startStage();
  const { message } = await client.chat.postMessage({ channel, text: 'x' });
  expect(message).toMatchObject({ app_id: sim.appId, bot_profile: { id: sim.botId } });
});

test('people of another organization: the message, the envelope and the channel say so', async () => {
  const { sim, ann, channel, client, events, envelopes } = await startHearing();
  const eve = sim.addUser({ name: 'eve', teamId: 'T0CUSTOMER' });
  sim.post({ channel, user: ann, text: 'among us' });
  await sim.idle();
  sim.join(channel, eve);
  const ts = sim.post({ channel, user: eve, text: 'from outside' });
  sim.react({ channel, ts, user: ann, name: 'eyes' });
  await sim.idle();
  const outside = { team: 'T0CUSTOMER', user_team: 'T0CUSTOMER', source_team: 'T0CUSTOMER' };
  expect(events[0]).not.toHaveProperty('user_team');
  expect(events.find(({ text }) => text === 'from outside')).toMatchObject(outside);
  expect(events.find(({ type }) => type === 'member_joined_channel')).toMatchObject({
    team: 'T0CUSTOMER',
  });
  expect(envelopes.map((body) => body.is_ext_shared_channel)).toEqual([
    false,
    ...envelopes.slice(1).map(() => true),
  ]);
  const info = await client.conversations.info({ channel });
  expect(info.channel).toMatchObject({
    is_shared: true,
    is_ext_shared: true,
    is_org_shared: false,
  });
});

test('a colleague of the same Grid shares the channel, and is not from outside', async () => {
  const { sim, channel, client } = await startStage({ enterpriseId: 'E1' });
  const joe = sim.addUser({ name: 'joe', teamId: 'T0SISTER', enterpriseId: 'E1' });
  sim.join(channel, joe);
  const info = await client.conversations.info({ channel });
  expect(info.channel).toMatchObject({
    is_shared: true,
    is_ext_shared: false,
    is_org_shared: true,
  });
});

test('a reply that is sent to the channel later is a change, with its parent', async () => {
  const { sim, ann, channel, client, events } = await startHearing();
  const parent = sim.post({ channel, user: ann, text: 'parent' });
  const ts = sim.post({ channel, user: ann, text: 'reply', threadTs: parent });
  const texts = async () =>
    (await client.conversations.history({ channel })).messages?.map(({ text }) => text);
  expect(await texts()).toEqual(['parent']);
  await sim.idle();
  sim.broadcast({ channel, ts });
  await sim.idle();
  expect(events.at(-1)).toMatchObject({
    subtype: 'message_changed',
    message: { ts, subtype: 'thread_broadcast', thread_ts: parent, root: { ts: parent } },
    previous_message: { ts, text: 'reply' },
  });
  expect(await texts()).toEqual(['reply', 'parent']);
  expect(() => sim.broadcast({ channel, ts })).toThrow(/no reply/);
  expect(() => sim.broadcast({ channel, ts: parent })).toThrow(/no reply/);
});
