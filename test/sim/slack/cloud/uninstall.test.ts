import { expect, test } from 'vitest';
import { refusal } from '../start-sim.ts';
import { APP, call, clientOf, furnish, startCloud } from './stage.ts';

/** How the app leaves a workspace, what it hears of it, and how it comes back. */

const ENDS = (botUserId: string) => [
  { type: 'tokens_revoked', tokens: { oauth: [], bot: [botUserId] } },
  { type: 'app_uninstalled' },
];

async function start() {
  const stage = await startCloud();
  const { sim, ann, channel } = furnish(stage.cloud);
  stage.cloud.install(sim.teamId, { user: ann });
  return { ...stage, sim, ann, channel, client: clientOf(stage.cloud, sim) };
}

test('when the app hears that it was removed, its token is dead already', async () => {
  const { cloud, sim, ann, channel, client, received, events } = await start();
  await sim.command({ command: '/x', user: ann, channel });
  cloud.uninstall(sim.teamId);
  expect(await refusal(client.auth.test())).toBe('account_inactive');
  expect(() => sim.botToken).toThrow('no valid token');
  sim.post({ channel, user: ann, text: 'unheard' });
  await cloud.idle();
  expect(events()).toEqual(expect.arrayContaining(ENDS(sim.botUserId)));
  expect(events()).toHaveLength(2);
  for (const { body } of received.filter(({ kind }) => kind === 'event')) {
    expect(body).toMatchObject({ team_id: sim.teamId, api_app_id: cloud.appId });
    expect(body).not.toHaveProperty('authorizations');
  }
  expect(await sim.command({ command: '/x', user: ann, channel })).toEqual({
    acked: false,
    error: 'invalid_command',
  });
  expect(() => cloud.uninstall(sim.teamId)).toThrow('not installed');
});

test('installed again, the app has another token and is in no channel', async () => {
  const { cloud, sim, ann, channel } = await start();
  const old = sim.botToken;
  cloud.uninstall(sim.teamId);
  cloud.install(sim.teamId, { user: ann });
  expect(sim.botToken).not.toBe(old);
  const client = clientOf(cloud, sim);
  expect((await client.auth.test()).user_id).toBe(sim.botUserId);
  expect((await client.users.conversations({})).channels).toEqual([]);
  expect(await refusal(client.chat.postMessage({ channel, text: 'x' }))).toBe('not_in_channel');
  sim.inviteBot(channel, ann);
  expect(await refusal(client.chat.postMessage({ channel, text: 'x' }))).toBe('ok');
});

test('the app can remove itself, with its secret', async () => {
  const { cloud, sim, events } = await start();
  const token = sim.botToken;
  const uninstall = (client_secret: string) =>
    call(cloud, 'apps.uninstall', { token, client_id: APP.clientId, client_secret });
  expect((await uninstall('guessed')).error).toBe('bad_client_secret');
  expect(await uninstall(APP.clientSecret)).toEqual({ ok: true });
  expect((await uninstall(APP.clientSecret)).error).toBe('account_inactive');
  await cloud.idle();
  expect(events()).toEqual(expect.arrayContaining(ENDS(sim.botUserId)));
});

test('without rotation the app is gone with its only token', async () => {
  const { cloud, sim, client, events } = await start();
  expect(await client.auth.revoke()).toMatchObject({ ok: true, revoked: true });
  expect(await refusal(client.auth.test())).toBe('token_revoked');
  await cloud.idle();
  expect(events()).toEqual(expect.arrayContaining(ENDS(sim.botUserId)));
});

test('an app that is not subscribed hears nothing of it', async () => {
  const { cloud, events } = await startCloud({ events: ['message.channels'] });
  const { sim, ann } = furnish(cloud);
  cloud.install(sim.teamId, { user: ann });
  cloud.uninstall(sim.teamId);
  await cloud.idle();
  expect(events()).toEqual([]);
});

test('other workspaces keep the app', async () => {
  const { cloud, sim } = await start();
  const other = furnish(cloud);
  cloud.install(other.sim.teamId, { user: other.ann });
  cloud.uninstall(sim.teamId);
  expect(await refusal(clientOf(cloud, other.sim).auth.test())).toBe('ok');
});
