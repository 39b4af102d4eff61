import { expect, test } from 'vitest';
import { refusal, section } from '../start-sim.ts';
import { call, clientOf, clientWith, furnish, startCloud } from './stage.ts';

/** Workspaces behind one server: whose call it is, and whose event. */

const NOON = Date.UTC(2026, 10, 2, 12);

const button = (actionId: string) => ({
  type: 'actions',
  elements: [{ type: 'button', action_id: actionId, text: { type: 'plain_text', text: 'Go' } }],
});

test('two workspaces with the same ids and timestamps know nothing of each other', async () => {
  const { cloud, received } = await startCloud();
  const twins = ['Acme', 'Globex'].map((name) => {
    const { sim, ann, channel } = furnish(cloud, { name, salt: 'TWIN', now: () => NOON });
    cloud.install(sim.teamId, { user: ann });
    const ts = sim.post({ channel, user: ann, text: `from ${name}` });
    return { sim, ann, channel, ts, name };
  });
  const [acme, globex] = twins as [(typeof twins)[0], (typeof twins)[0]];
  expect([acme.channel, acme.ann, acme.ts]).toEqual([globex.channel, globex.ann, globex.ts]);
  expect(acme.sim.teamId).not.toBe(globex.sim.teamId);
  expect(acme.sim.botToken).not.toBe(globex.sim.botToken);

  await cloud.idle();
  const texts = received.map(({ body }) => [body.team_id, (body.event as { text: string }).text]);
  expect(Object.fromEntries(texts)).toEqual({
    [acme.sim.teamId]: 'from Acme',
    [globex.sim.teamId]: 'from Globex',
  });
  for (const { sim, channel, ts, name } of twins) {
    const client = clientOf(cloud, sim);
    expect(await client.auth.test()).toMatchObject({ team_id: sim.teamId, team: name });
    const { messages } = await client.conversations.history({ channel });
    expect(messages).toMatchObject([{ ts, text: `from ${name}` }]);
    const posted = await client.chat.postMessage({ channel, text: `to ${name}` });
    expect(sim.message(channel, posted.ts ?? '')?.text).toBe(`to ${name}`);
  }
  expect(acme.sim.messages(acme.channel).map(({ text }) => text)).toEqual(['from Acme', 'to Acme']);
  expect([acme, globex].map(({ sim }) => sim.callCounts.get('chat.postMessage'))).toEqual([1, 1]);
});

test('events say for which installation they are', async () => {
  const { cloud, received } = await startCloud();
  const { sim, ann, channel } = furnish(cloud);
  sim.post({ channel, user: ann, text: 'before the app was there' });
  cloud.install(sim.teamId, { user: ann });
  sim.post({ channel, user: ann, text: 'hello' });
  await sim.idle();
  expect(received).toMatchObject([
    {
      kind: 'event',
      body: {
        team_id: sim.teamId,
        api_app_id: cloud.appId,
        event: { text: 'hello' },
        authorizations: [
          {
            enterprise_id: null,
            team_id: sim.teamId,
            user_id: sim.botUserId,
            is_bot: true,
            is_enterprise_install: false,
          },
        ],
      },
    },
  ]);
});

test('an event needs the scope that the workspace has granted', async () => {
  const { cloud, events } = await startCloud();
  const { sim, ann, channel } = furnish(cloud);
  cloud.install(sim.teamId, { user: ann, scopes: ['chat:write'] });
  sim.post({ channel, user: ann, text: 'unheard' });
  await sim.idle();
  expect(events()).toEqual([]);
  expect(await refusal(clientOf(cloud, sim).conversations.history({ channel }))).toBe(
    'missing_scope',
  );
  cloud.install(sim.teamId, { user: ann, scopes: ['channels:history'] });
  sim.post({ channel, user: ann, text: 'heard' });
  await sim.idle();
  expect(events()).toMatchObject([{ text: 'heard' }]);
});

test('commands, clicks, modals and answers stay in their workspace', async () => {
  const { cloud, received } = await startCloud();
  const { sim, ann, channel } = furnish(cloud, { salt: 'TWIN' });
  const other = furnish(cloud, { salt: 'TWIN' });
  expect(await sim.command({ command: '/x', user: ann, channel })).toEqual({
    acked: false,
    error: 'invalid_command',
  });
  for (const each of [sim, other.sim]) cloud.install(each.teamId, { user: ann });
  const client = clientOf(cloud, sim);
  expect((await sim.command({ command: '/x', user: ann, channel })).acked).toBe(true);
  const { ts = '' } = await client.chat.postMessage({
    channel,
    text: 'card',
    blocks: [section('card'), button('go')] as never,
  });
  await sim.click({ channel, ts, user: ann, actionId: 'go' });
  const [command, click] = received.filter(({ kind }) => kind !== 'event').map(({ body }) => body);
  expect([command?.team_id, click?.team]).toMatchObject([sim.teamId, { id: sim.teamId }]);

  const trigger = String(click?.trigger_id);
  const view = { type: 'modal', title: { type: 'plain_text', text: 'Hi' }, blocks: [] };
  const open = { trigger_id: trigger, view: view as never };
  expect(await refusal(clientOf(cloud, other.sim).views.open(open))).toBe('invalid_trigger_id');
  expect(await refusal(client.views.open(open))).toBe('ok');
  expect([sim.views.length, other.sim.views.length]).toEqual([1, 0]);

  for (const address of [command?.response_url, click?.response_url]) {
    const body = JSON.stringify({ text: 'answer', replace_original: false });
    expect((await fetch(String(address), { method: 'POST', body })).status).toBe(200);
  }
  expect(sim.ephemerals(ann).map(({ text }) => text)).toEqual(['answer', 'answer']);
  expect(other.sim.ephemerals()).toEqual([]);
});

test('a file goes to the workspace that its address is of', async () => {
  const { cloud } = await startCloud();
  const twins = [furnish(cloud, { salt: 'TWIN' }), furnish(cloud, { salt: 'TWIN' })];
  for (const { sim, ann, channel } of twins) {
    cloud.install(sim.teamId, { user: ann });
    const client = clientOf(cloud, sim);
    const bytes = Buffer.from(sim.teamId);
    const { upload_url: address = '', file_id: id = '' } = await client.files.getUploadURLExternal({
      filename: 'a.txt',
      length: bytes.length,
    });
    expect((await fetch(address, { method: 'POST', body: bytes })).status).toBe(200);
    await client.files.completeUploadExternal({ files: [{ id }], channel_id: channel });
    expect(sim.file(id)?.bytes.toString()).toBe(sim.teamId);
  }
});

test('what Slack does not know, it refuses', async () => {
  const { cloud } = await startCloud();
  const { sim, ann } = furnish(cloud);
  cloud.install(sim.teamId, { user: ann });
  expect(await refusal(clientWith(cloud, 'xoxb-unknown').auth.test())).toBe('invalid_auth');
  expect(await call(cloud, 'auth.test', {})).toEqual({ ok: false, error: 'not_authed' });
  expect(await call(cloud, 'no.method', { token: sim.botToken })).toEqual({
    ok: false,
    error: 'unknown_method',
  });
  expect(await refusal(clientOf(cloud, sim).apps.connections.open())).toBe(
    'not_allowed_token_type',
  );
  expect(cloud.calls.map(({ error }) => error)).toEqual([
    'invalid_auth',
    'not_authed',
    'unknown_method',
  ]);
  expect((await fetch(`${cloud.url}/T0NOWHERE/commands/x`)).status).toBe(404);
  expect((await fetch(`${cloud.url}/`)).status).toBe(404);
});

test('each workspace has its own rate limits and faults', async () => {
  const { cloud } = await startCloud({ rateLimits: true });
  const [acme, globex] = [furnish(cloud), furnish(cloud)];
  for (const { sim, ann } of [acme, globex]) cloud.install(sim.teamId, { user: ann });
  const client = clientOf(cloud, acme.sim);
  let calls = 0;
  while ((await call(cloud, 'emoji.list', { token: acme.sim.botToken })).ok) calls += 1;
  expect(calls).toBe(4);
  acme.sim.faults.add({ kind: 'error', method: 'auth.test', error: 'fatal_error' });
  expect(await refusal(client.auth.test())).toBe('fatal_error');
  const other = clientOf(cloud, globex.sim);
  expect([await refusal(other.emoji.list()), await refusal(other.auth.test())]).toEqual([
    'ok',
    'ok',
  ]);
});

test('the Request URL can be set later, and has to return the challenge', async () => {
  const { cloud, events } = await startCloud({ retryDelaysMs: [] });
  const { sim, ann, channel } = furnish(cloud);
  cloud.install(sim.teamId, { user: ann });
  await cloud.verifyRequestUrl();
  const address = `${cloud.url}/nowhere`;
  cloud.deliverTo(address);
  await expect(cloud.verifyRequestUrl()).rejects.toThrow('challenge');
  sim.post({ channel, user: ann, text: 'lost' });
  await cloud.idle();
  expect([events(), cloud.lostEvents.length]).toEqual([[], 1]);
  expect(() => sim.deliverByHttp(address)).toThrow('Request URL');
  expect(() => sim.sockets.refresh()).toThrow('HTTP');
});

test('a hundred workspaces can speak at once', async () => {
  const { cloud, received } = await startCloud({ retryDelaysMs: [], ackTimeoutMs: 60_000 });
  const rooms = Array.from({ length: 100 }, () => furnish(cloud));
  for (const { sim, ann } of rooms) cloud.install(sim.teamId, { user: ann });
  for (const { sim, ann, channel } of rooms) sim.post({ channel, user: ann, text: sim.teamId });
  await cloud.idle();
  expect([received.length, cloud.lostEvents]).toEqual([100, []]);
  for (const { body } of received) expect(body).toMatchObject({ event: { text: body.team_id } });
});

test('another process can drive each workspace', async () => {
  const { cloud } = await startCloud();
  const { sim, ann, channel } = furnish(cloud);
  const body = JSON.stringify({ channel, user: ann, text: 'from outside' });
  const response = await fetch(`${sim.url}/sim/post`, { method: 'POST', body });
  expect(await response.json()).toEqual({ ts: sim.messages(channel)[0]?.ts });
});
