import { copyFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KEY } from '../../src/slack/blocks/actions.ts';
import { StartError } from '../../src/start/start-error.ts';
import { fileOf } from '../../src/store/workspaces/files.ts';
import { saveInstallation } from '../../src/store/workspaces/installations.ts';
import { onPostgres } from '../postgres/fresh-workspace.ts';
import { findFreePort } from '../process/free-port.ts';
import { keyOf } from '../store/workspaces/keys.ts';
import { added, installationOf, sealer } from '../store/workspaces/stage.ts';
import { counted, openCloudStage, openControlOf, until } from './stage.ts';

/** The bot of many workspaces, as people and Slack meet it. */

test('workspaces install it, and each has its own summary', async () => {
  const stage = await openCloudStage();
  const [acme, zeta] = [stage.addTenant({ name: 'Acme' }), stage.addTenant({ name: 'Zeta' })];
  const replica = await stage.start();
  expect(await stage.install(acme)).toMatchObject({ status: 200 });
  expect((await stage.install(zeta)).page).toContain('Winnow is in Zeta');
  for (const tenant of [acme, zeta]) {
    await counted([replica], [tenant]);
  }
  acme.post('The export is broken');
  zeta.post('I love the new colours');
  await stage.cloud.idle();
  for (const tenant of [acme, zeta]) {
    await tenant.type();
    await until(() => tenant.posts().length).toBeGreaterThan(0);
  }
  expect(replica.lines.filter(({ level }) => level >= 50)).toEqual([]);
});

test('somebody who does not agree, or comes from elsewhere, is told so', async () => {
  const stage = await openCloudStage();
  await stage.start();
  const tenant = stage.addTenant({ name: 'Acme' });
  const back = `${stage.address}/slack/oauth_redirect`;
  const denied = await fetch(`${back}?error=access_denied&state=x`);
  expect([denied.status, await denied.text()]).toEqual([
    400,
    expect.stringContaining('did not agree'),
  ]);
  const unknown = await fetch(`${back}?error=constructor`);
  expect([unknown.status, await unknown.text()]).toEqual([
    400,
    expect.stringContaining('was begun elsewhere'),
  ]);
  const state = 'not ours';
  const code = stage.cloud.approve({
    ...{ team: tenant.slack.teamId, user: tenant.user, state, redirectUri: back },
  });
  const forged = await fetch(code, { headers: { cookie: `slack-app-oauth-state=${state}` } });
  expect([forged.status, await forged.text()]).toEqual([
    400,
    expect.stringContaining('Winnow was not added'),
  ]);
  expect(stage.cloud.workspaces.get(tenant.slack.teamId)?.callCounts.size).toBe(0);
});

test('a workspace that takes it out is left alone, and goes on where it was when it comes back', async () => {
  const stage = await openCloudStage();
  const replica = await stage.start();
  const tenant = stage.addTenant({ name: 'Acme' });
  const team = tenant.slack.teamId;
  await stage.install(tenant);
  await counted([replica], [tenant]);
  tenant.post('The export is broken');
  await stage.cloud.idle();
  await tenant.type();
  await until(() => tenant.posts().length).toBeGreaterThan(0);

  stage.cloud.uninstall(team);
  await until(() => replica.lines.map(({ msg }) => msg)).toContain('a workspace has ended');
  await stage.cloud.idle();
  await stage.install(tenant);
  await until(() => replica.lines.filter(({ msg }) => msg === 'workspaces are taken').length).toBe(
    2,
  );
  tenant.slack.inviteBot(tenant.channel, tenant.user);
  await until(async () => {
    const { response } = (await tenant.type('status')) as { response?: { text?: string } };
    return response?.text;
  }).toMatch(/1 message/);
});

test('it does not start without a key that a token is sealed with, and names the setting', async () => {
  const stage = await openCloudStage();
  const replica = await stage.start();
  const tenant = stage.addTenant({ name: 'Acme' });
  await stage.install(tenant);
  await replica.stop();
  const start = stage.start({ ENCRYPTION_KEYS: keyOf('second') });
  await expect(start).rejects.toThrow(StartError);
  await expect(start).rejects.toThrow(
    /^ENCRYPTION_KEYS: installation \w+ bot_token .* add it behind the first one$/,
  );
});

test('a workspace that took it out while no process ran has ended for the next one', async () => {
  const stage = await openCloudStage();
  const first = await stage.start();
  const [tenant, other] = [stage.addTenant({ name: 'Acme' }), stage.addTenant({ name: 'Bolt' })];
  for (const each of [tenant, other]) await stage.install(each);
  await counted([first], [tenant, other]);
  await first.stop();
  // Slack gives up before a process can be reached again.
  stage.cloud.deliverTo(`${stage.address}/nowhere`);
  stage.cloud.uninstall(tenant.slack.teamId);
  await stage.cloud.idle({ ignoreRetries: true });
  stage.cloud.deliverTo(`${stage.address}/slack/events`);
  const second = await stage.start();
  await until(() => second.lines.map(({ msg }) => msg)).toContain('a workspace has ended');
  await until(() => second.runs()).toEqual([other.slack.teamId]);
  expect((await stage.operate(['list'])).text).toMatch(
    new RegExp(`${tenant.slack.teamId}.* ended`),
  );
});

test('a workspace that took it out before its first start ends', async () => {
  const stage = await openCloudStage();
  const { slack, user } = stage.addTenant({ name: 'Acme' });
  const { access_token: bot } = stage.cloud.install(slack.teamId, { user });
  const tokens = { bot, refresh: null, expiresAt: null };
  const installation = installationOf(slack.teamId, { botId: null, tokens });
  await saveInstallation(await openControlOf(stage), sealer, installation, [added(slack.teamId)]);
  stage.cloud.deliverTo(`${stage.address}/nowhere`);
  stage.cloud.uninstall(slack.teamId);
  await stage.cloud.idle({ ignoreRetries: true });
  const replica = await stage.start();
  await until(() => replica.lines.map(({ msg }) => msg)).toContain('a workspace has ended');
  expect(replica.lines).toContainEqual(
    expect.objectContaining({ msg: 'a workspace could not be started; trying again' }),
  );
});

test('tokens that are rotated are renewed in time', async () => {
  const stage = await openCloudStage({ tokenRotation: true });
  const first = await stage.start();
  const tenant = stage.addTenant({ name: 'Acme' });
  const team = tenant.slack.teamId;
  await stage.install(tenant);
  await counted([first], [tenant]);
  await first.stop();

  const control = await openControlOf(stage);
  const read = () => control.selectFrom('installations').selectAll().executeTakeFirstOrThrow();
  const before = await read();
  const soon = Date.now() + 3_600_000;
  await control.updateTable('installations').set({ expires_at: soon }).execute();
  stage.cloud.expireTokens(team);
  const replica = await stage.start();
  tenant.post('The export is broken');
  await stage.cloud.idle();
  await tenant.type();
  await until(() => tenant.posts().length).toBeGreaterThan(0);
  const after = await read();
  expect(after.expires_at).toBeGreaterThan(soon);
  expect(after.refresh_token).not.toBe(before.refresh_token);
  expect(replica.lines.filter(({ level }) => level >= 50)).toEqual([]);
});

test('while Slack does not answer a renewal, the old token is used', async () => {
  const stage = await openCloudStage({ tokenRotation: true });
  const first = await stage.start();
  const tenant = stage.addTenant({ name: 'Acme' });
  await stage.install(tenant);
  await counted([first], [tenant]);
  await first.stop();
  const control = await openControlOf(stage);
  const soon = Date.now() + 3_600_000;
  await control.updateTable('installations').set({ expires_at: soon }).execute();
  stage.cloud.faults.add({ method: 'oauth.v2.access', kind: 'hang' });
  const before = tenant.slack.callCounts.get('users.conversations') ?? 0;
  await stage.start();
  const after = () => tenant.slack.callCounts.get('users.conversations');
  await expect.poll(after, { timeout: 60_000 }).toBeGreaterThan(before);
});

test('an org that installs it for several workspaces has it in each that its admins have added', async () => {
  const stage = await openCloudStage();
  const replica = await stage.start();
  const enterpriseId = 'E0ACME';
  const tenants = ['One', 'Two', 'Three'].map((name) => stage.addTenant({ name, enterpriseId }));
  const [one, two, three] = tenants;
  if (!one || !two || !three) throw new Error('there are three');
  const { page } = await stage.install(one, enterpriseId);
  expect(page).toContain('Winnow is in');
  stage.cloud.grantAccess(enterpriseId, [one.slack.teamId, two.slack.teamId]);
  for (const tenant of [one, two]) {
    await counted([replica], [tenant]);
    tenant.post('The export is broken');
    await stage.cloud.idle();
    await tenant.type();
    await until(() => tenant.posts().length).toBeGreaterThan(0);
  }
  expect(three.slack.callCounts.get('conversations.history')).toBeUndefined();
  stage.cloud.revokeAccess(enterpriseId, [two.slack.teamId]);
  await until(() => replica.lines.map(({ msg }) => msg)).toContain('a workspace has ended');
  await one.type('status');
});

test('a workspace without a key sets one in Slack, and is classified from then on', async () => {
  const stage = await openCloudStage();
  const replica = await stage.start({ ANTHROPIC_API_KEY: '' });
  const tenant = stage.addTenant({ name: 'Acme' });
  const { slack, user } = tenant;
  await stage.install(tenant);
  await counted([replica], [tenant]);
  tenant.post('The export is broken');
  await stage.cloud.idle();
  slack.openHome(user);
  await until(() => JSON.stringify(slack.home(user) ?? null)).toContain(KEY.open);
  await slack.click({ user, home: true, actionId: KEY.open });
  const view = await slack.waitFor(() =>
    slack.views.find(({ view: { type } }) => type === 'modal'),
  );
  const submit = (key: string) =>
    slack.submitView({ viewId: view.id, values: { [KEY.block]: { [KEY.input]: key } } });
  expect(JSON.stringify(await submit('sk-ant-wrong'))).toContain('errors');
  expect(await submit(stage.claude.apiKey)).toMatchObject({ acked: true });
  await until(() => replica.lines.map(({ msg }) => msg)).toContain('a workspace has changed');
  await until(async () => {
    await tenant.type();
    return tenant.reacted().length;
  }).toBe(1);
  const log = JSON.stringify(replica.lines);
  expect([log.includes('sk-ant-wrong'), log.includes(stage.claude.apiKey)]).toEqual([false, false]);
});

test('is alive and ready while a workspace has trouble, and says how many it works for', async () => {
  const stage = await openCloudStage();
  const port = await findFreePort();
  const replica = await stage.start({ HEALTH_PORT: String(port) });
  const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  const tenants = [stage.addTenant({ name: 'Acme' }), stage.addTenant({ name: 'Zeta' })];
  for (const tenant of tenants) await stage.install(tenant);
  await counted([replica], tenants);
  const [acme] = tenants;
  acme?.slack.faults.add({ method: 'users.info', kind: 'error', error: 'account_inactive' });
  acme?.post('The export is broken');
  await stage.cloud.idle();
  expect((await ask('/livez')).status).toBe(200);
  const ready = await ask('/readyz');
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { ready: true, checks: { database: null } },
  ]);
  const metrics = await (await ask('/metrics')).text();
  expect(metrics).toContain('winnow_workspaces{state="running"} 2');
  expect(metrics).toContain('winnow_inbox_envelopes 0');
  expect(metrics).toMatch(/winnow_call_duration_seconds_count\{.*auth\.test.*\} [2-9]/);
});

test.skipIf(onPostgres)(
  'a file that lies in the place of another workspace is not used',
  async () => {
    const stage = await openCloudStage();
    const [acme, zeta] = [stage.addTenant({ name: 'Acme' }), stage.addTenant({ name: 'Zeta' })];
    const first = await stage.start();
    for (const tenant of [acme, zeta]) await stage.install(tenant);
    await counted([first], [acme, zeta]);
    await first.stop();
    if (stage.database.kind !== 'sqlite') throw new Error('the workspaces have files');
    const [ours, theirs] = [acme, zeta].map(({ slack }) => slack.teamId);
    const { file: folder } = stage.database;
    copyFileSync(fileOf(folder, ours ?? ''), fileOf(folder, theirs ?? ''));
    const second = await stage.start();
    await until(() => second.runs()).toEqual([ours]);
    const reason = `it belongs to the workspace ${ours}, not to ${theirs}`;
    await until(() => second.lines.filter(({ level }) => level >= 50)).toMatchObject([
      { team: theirs, err: { message: expect.stringContaining(reason) } },
    ]);
    await acme.type('status');
  },
);
