import { expect, test } from 'vitest';
import { refusal, section } from '../start-sim.ts';
import { APP, call, clientWith, codeOf, furnish, getAccess, startCloud } from './stage.ts';

/** The app on a whole Enterprise Grid: one token for the workspaces that an admin has added it to. */

const GRID = 'E0GRID';

async function start({ granted = true } = {}) {
  const stage = await startCloud();
  const { cloud, received } = stage;
  const east = furnish(cloud, { enterpriseId: GRID, name: 'East' });
  const west = furnish(cloud, { enterpriseId: GRID, name: 'West' });
  const installed = cloud.install(GRID, { user: east.ann });
  if (granted) cloud.grantAccess(GRID, [east.sim.teamId, west.sim.teamId]);
  await cloud.idle();
  received.length = 0;
  return { ...stage, east, west, installed, client: clientWith(cloud, installed.access_token) };
}

test('an admin installs it on the organization; the answer names no workspace', async () => {
  const { cloud } = await startCloud();
  const { sim, ann } = furnish(cloud, { enterpriseId: GRID });
  const member = sim.addUser({ name: 'bob' });
  const query = new URLSearchParams({ client_id: APP.clientId, scope: 'users:read' });
  const page = await (await fetch(`${cloud.authorizeUrl}?${query}`)).text();
  expect(page).toContain(`"${GRID} ${ann}"`);
  expect(page).not.toContain(`"${GRID} ${member}"`);
  expect(() => cloud.approve({ team: GRID, user: member })).toThrow('may not install');
  const answer = await getAccess(cloud, {
    code: codeOf(cloud.approve({ team: GRID, user: ann, scope: 'users:read' })),
  });
  expect(answer).toMatchObject({
    ok: true,
    authed_user: { id: ann },
    scope: 'users:read',
    bot_user_id: sim.botUserId,
    team: null,
    enterprise: { id: GRID, name: expect.any(String) },
    is_enterprise_install: true,
  });
  const client = clientWith(cloud, String(answer.access_token));
  const { team_id, enterprise_id, is_enterprise_install, user_id } = await client.auth.test();
  expect({ team_id, enterprise_id, is_enterprise_install, user_id }).toEqual({
    team_id: GRID,
    enterprise_id: GRID,
    is_enterprise_install: true,
    user_id: sim.botUserId,
  });
});

test('it reaches no workspace until it is granted, and is told of each', async () => {
  const { cloud, east, west, client, received, installed } = await start({ granted: false });
  expect((await client.auth.teams.list()).teams).toEqual([]);
  const list = (team_id: string) => refusal(client.users.list({ team_id }));
  expect(await list(east.sim.teamId)).toBe('team_access_not_granted');
  east.sim.post({ channel: east.channel, user: east.ann, text: 'unheard' });
  cloud.grantAccess(GRID, [east.sim.teamId]);
  expect(await list(east.sim.teamId)).toBe('ok');
  expect(await list(west.sim.teamId)).toBe('team_access_not_granted');
  expect((await client.auth.teams.list()).teams).toEqual([{ id: east.sim.teamId, name: 'East' }]);
  expect(east.sim.botToken).toBe(installed.access_token);
  expect(() => west.sim.botToken).toThrow();
  await cloud.idle();
  cloud.revokeAccess(GRID, [east.sim.teamId]);
  expect(await list(east.sim.teamId)).toBe('team_access_not_granted');
  await cloud.idle();
  expect(received.map(({ body }) => body)).toMatchObject(
    ['team_access_granted', 'team_access_revoked'].map((type) => ({
      enterprise_id: GRID,
      event: { type, team_ids: [east.sim.teamId] },
      authorizations: [
        { enterprise_id: GRID, team_id: east.sim.teamId, is_enterprise_install: false },
      ],
    })),
  );
  for (const { body } of received) expect(body).not.toHaveProperty('team_id');
  expect(() => cloud.grantAccess(GRID, ['T0ELSEWHERE'])).toThrow('T0ELSEWHERE');
});

test('lists have to name a workspace; channels say it themselves', async () => {
  const { cloud, east, west, client } = await start();
  const lists = ['users.list', 'users.conversations', 'conversations.list', 'bots.info'];
  for (const method of [...lists, 'reactions.list']) {
    const error = (args: Record<string, string>) => refusal(client.apiCall(method, args));
    expect(await error({})).toBe('missing_argument');
    expect(await error({ team_id: 'T0ELSEWHERE' })).toBe('team_access_not_granted');
    expect(await error({ team_id: west.sim.teamId })).toBe('ok');
  }
  for (const { sim, channel } of [east, west]) {
    const team_id = sim.teamId;
    const { channels } = await client.conversations.list({ team_id });
    expect(channels).toMatchObject([{ id: channel, context_team_id: team_id }]);
    const { ts = '' } = await client.chat.postMessage({ channel, text: team_id });
    expect(sim.message(channel, ts)?.text).toBe(team_id);
  }
  cloud.revokeAccess(GRID, [west.sim.teamId]);
  const info = (channel: string) => refusal(client.conversations.info({ channel }));
  expect(await info(west.channel)).toBe('team_access_not_granted');
  expect(await info('C0UNKNOWN')).toBe('channel_not_found');
  expect(await info(east.channel)).toBe('ok');
});

test('people, views and files are found in the workspace that they are of', async () => {
  const { east, west, client, received } = await start();
  const { sim, ann, channel } = west;
  expect((await client.users.info({ user: ann })).user?.team_id).toBe(sim.teamId);
  const home = { type: 'home', blocks: [section('hi')] };
  await client.views.publish({ user_id: ann, view: home as never });
  expect(sim.home(ann)).toBeDefined();
  expect(east.sim.home(east.ann)).toBeUndefined();

  await sim.command({ command: '/x', user: ann, channel });
  const trigger_id = String(received.at(-1)?.body.trigger_id);
  const view = { type: 'modal', title: { type: 'plain_text', text: 'Hi' }, blocks: [] } as never;
  const opened = await client.views.open({ trigger_id, view });
  const view_id = opened.view?.id ?? '';
  expect(await refusal(client.views.update({ view_id, view }))).toBe('ok');
  expect(sim.views).toHaveLength(1);

  const length = 3;
  const { upload_url = '', file_id: id = '' } = await client.files.getUploadURLExternal({
    filename: 'a.txt',
    length,
  });
  await fetch(upload_url, { method: 'POST', body: 'abc' });
  sim.holdShares(true);
  await client.files.completeUploadExternal({ files: [{ id }], channel_id: channel });
  sim.holdShares(false);
  expect(sim.messages(channel).at(-1)?.files).toMatchObject([{ id }]);
  expect((await client.files.info({ file: id })).file?.channels).toEqual([channel]);
});

test('a person of two workspaces is found in the one that the token reaches', async () => {
  const { cloud, east, west, client } = await start();
  const both = east.sim.addUser({ name: 'both' });
  west.sim.addUser({ name: 'both', id: both });
  cloud.revokeAccess(GRID, [east.sim.teamId]);
  expect((await client.users.info({ user: both })).user?.team_id).toBe(west.sim.teamId);
  cloud.revokeAccess(GRID, [west.sim.teamId]);
  expect(await refusal(client.users.info({ user: both }))).toBe('team_access_not_granted');
});

test('events and interactions say that it is on the whole organization', async () => {
  const { east, client, received } = await start();
  const { sim, ann, channel } = east;
  sim.post({ channel, user: ann, text: 'hello' });
  await sim.idle();
  await sim.command({ command: '/x', user: ann, channel });
  const [event, command] = received.map(({ body }) => body);
  expect(event).toMatchObject({
    team_id: sim.teamId,
    enterprise_id: GRID,
    authorizations: [
      {
        enterprise_id: GRID,
        team_id: null,
        user_id: sim.botUserId,
        is_bot: true,
        is_enterprise_install: true,
      },
    ],
  });
  expect(command).toMatchObject({
    team_id: sim.teamId,
    enterprise_id: GRID,
    is_enterprise_install: 'true',
  });
  const view = {
    type: 'modal',
    title: { type: 'plain_text', text: 'Hi' },
    submit: { type: 'plain_text', text: 'Go' },
    blocks: [],
  } as never;
  await client.views.open({ trigger_id: String(command?.trigger_id), view });
  await sim.submitView({ viewId: sim.views[0]?.id ?? '' });
  expect(received.at(-1)?.body).toMatchObject({
    type: 'view_submission',
    team: { id: sim.teamId, enterprise_id: GRID },
    enterprise: { id: GRID },
    is_enterprise_install: true,
    view: { app_installed_team_id: GRID },
  });
});

test('a workspace cannot install what its organization has', async () => {
  const { cloud, east } = await start();
  const code = codeOf(cloud.approve({ team: east.sim.teamId, user: east.ann }));
  expect((await getAccess(cloud, { code })).error).toBe('cannot_install_an_org_installed_app');
});

test('what workspaces had installed before, the organization reaches; their tokens go on', async () => {
  const { cloud } = await startCloud();
  const { sim, ann } = furnish(cloud, { enterpriseId: GRID });
  const { access_token: own } = cloud.install(sim.teamId, { user: ann });
  const { access_token: org } = cloud.install(GRID, { user: ann });
  const { teams } = await clientWith(cloud, org).auth.teams.list();
  expect(teams).toMatchObject([{ id: sim.teamId }]);
  const auth = await clientWith(cloud, own).auth.test();
  expect(auth).toMatchObject({ team_id: sim.teamId, is_enterprise_install: false });
  expect((await clientWith(cloud, own).auth.teams.list()).teams).toMatchObject([
    { id: sim.teamId },
  ]);
});

test('uninstalled from the organization, it is gone from all workspaces', async () => {
  const { cloud, east, west, client, received, events } = await start();
  const token = east.sim.botToken;
  const { clientId: client_id, clientSecret: client_secret } = APP;
  expect((await call(cloud, 'apps.uninstall', { token, client_id, client_secret })).error).toBe(
    'enterprise_is_restricted',
  );
  cloud.uninstall(GRID);
  for (const answer of [client.auth.test(), client.auth.teams.list(), client.users.list({})])
    expect(await refusal(answer)).toBe('account_inactive');
  await cloud.idle();
  expect(events().sort((a, b) => String(a.type).localeCompare(String(b.type)))).toMatchObject([
    { type: 'app_uninstalled' },
    { type: 'team_access_revoked', team_ids: [east.sim.teamId, west.sim.teamId] },
    { type: 'tokens_revoked', tokens: { oauth: [], bot: [east.sim.botUserId] } },
  ]);
  for (const { body } of received) {
    expect(body.enterprise_id).toBe(GRID);
    expect(body).not.toHaveProperty('team_id');
  }
  const again = cloud.install(GRID, { user: east.ann });
  expect(again.access_token).not.toBe(token);
});

test('a revoked token leaves the app on the organization', async () => {
  const { cloud, east, client, events } = await start();
  await client.auth.revoke();
  expect(await refusal(client.auth.test())).toBe('token_revoked');
  await cloud.idle();
  east.sim.post({ channel: east.channel, user: east.ann, text: 'still heard' });
  await cloud.idle();
  expect(events()).toMatchObject([{ type: 'tokens_revoked' }, { text: 'still heard' }]);
  const { access_token } = cloud.install(GRID, { user: east.ann });
  expect(await refusal(clientWith(cloud, access_token).auth.test())).toBe('ok');
});
