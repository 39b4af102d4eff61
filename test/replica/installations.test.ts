import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { startSlackCloud } from '../../sim/slack/cloud.ts';
import type { Fault } from '../../sim/slack/faults.ts';
import { systemClock } from '../../src/jobs/loop.ts';
import { createInstallations } from '../../src/replica/installations.ts';
import { createSlack } from '../../src/slack/client.ts';
import { toSlackLogger } from '../../src/slack/logger.ts';
import { findInstallation, saveInstallation } from '../../src/store/workspaces/installations.ts';
import { isActive, listActiveWorkspaces } from '../../src/store/workspaces/workspaces.ts';
import { added, installationOf, START, sealer, startControl } from '../store/workspaces/stage.ts';

/** What the bot makes of Slack's word that the app has come or gone. */

async function openStage() {
  const control = await startControl();
  const redirectUrls = ['http://localhost/slack/oauth_redirect'];
  const app = { clientId: '1.2', clientSecret: 'secret', signingSecret: 'secret', redirectUrls };
  const cloud = await startSlackCloud({ app: { ...app, scopes: ['commands'] } });
  onTestFinished(() => cloud.close());
  const log = pino({ level: 'silent' });
  const logger = toSlackLogger(log, false);
  const createClient = (token: string) =>
    createSlack({ token, apiUrl: cloud.apiUrl, rateScale: 600, logger }, systemClock);
  const shared = { control, sealer, log, clock: systemClock, onChanged: async () => {} };
  return { control, cloud, installations: createInstallations({ ...shared, createClient }) };
}

async function openInstalled() {
  const stage = await openStage();
  const { control, cloud, installations } = stage;
  const slack = cloud.addWorkspace({ name: 'Acme' });
  const team = slack.teamId;
  const { access_token: bot } = cloud.install(team, { user: slack.addUser({ name: 'ann' }) });
  const tokens = { bot, refresh: null, expiresAt: null };
  await saveInstallation(control, sealer, installationOf(team, { tokens }), [added(team)]);
  const end = () =>
    installations.apply({ kind: 'ended', installation: team, why: 'app_uninstalled', at: START });
  const isInstalled = async () =>
    (await isActive(control, team)) && Boolean(await findInstallation(control, sealer, team));
  return { ...stage, slack, team, end, isInstalled };
}

const UNCLEAR = [
  { kind: 'status', status: 503 },
  { kind: 'status', status: 404 },
  { kind: 'rate_limit', retryAfter: 1 },
  { kind: 'cut' },
  { kind: 'garbage' },
  { kind: 'error', error: 'internal_error' },
  { kind: 'error', error: 'org_login_required' },
] as const;

test.each(UNCLEAR)('nothing ends while Slack does not say that it has: %j', async (fault) => {
  const { slack, end, isInstalled } = await openInstalled();
  slack.faults.add({ method: 'auth.test', ...fault } satisfies Fault);
  await expect(end()).rejects.toThrow('Slack does not say whether');
  expect(await isInstalled()).toBe(true);
  // Slack sends it again.
  await end();
  expect(await isInstalled()).toBe(true);
});

test('what Slack refuses has ended', async () => {
  const { cloud, team, end, isInstalled } = await openInstalled();
  cloud.uninstall(team);
  await end();
  expect(await isInstalled()).toBe(false);
});

const TRANSIENT = ['token_expired', 'invalid_auth'];

test.each(TRANSIENT)(
  'a token that is refused with %s is kept: it may work again',
  async (error) => {
    const { slack, team, installations, isInstalled } = await openInstalled();
    const mended = slack.faults.add({ method: 'auth.test', kind: 'error', error, times: 2 });
    await expect(installations.endIfRefused(team)).rejects.toThrow(/refuses the token/);
    expect(await isInstalled()).toBe(true);
    mended();
    await installations.endIfRefused(team);
    expect(await isInstalled()).toBe(true);
  },
);

test.each(['uninstall', 'revoke'])('a workspace ends whose token is gone: %s', async (how) => {
  const { cloud, slack, team, installations, isInstalled } = await openInstalled();
  if (how === 'uninstall') cloud.uninstall(team);
  else slack.faults.add({ method: 'auth.test', kind: 'error', error: 'token_revoked' });
  await installations.endIfRefused(team);
  expect(await isInstalled()).toBe(false);
});

test.each(TRANSIENT)('what Slack says has ended ends, also if it answers %s', async (error) => {
  const { slack, end, isInstalled } = await openInstalled();
  slack.faults.add({ method: 'auth.test', kind: 'error', error });
  await end();
  expect(await isInstalled()).toBe(false);
});

test('what the admins of an org have changed unheard is noticed', async () => {
  const { cloud, control, installations } = await openStage();
  const org = 'E0ACME';
  const add = (name: string) => cloud.addWorkspace({ name, enterpriseId: org });
  const first = add('One');
  const [one, two, three] = [first.teamId, add('Two').teamId, add('Three').teamId];
  const user = first.addUser({ name: 'ann', isAdmin: true });
  const { access_token: bot } = cloud.install(org, { user });
  cloud.grantAccess(org, [one, three]);
  const tokens = { bot, refresh: null, expiresAt: null };
  await saveInstallation(control, sealer, installationOf(org, { tokens }), [
    added(one),
    added(two),
  ]);
  await installations.followOrgs();
  const active = async () => (await listActiveWorkspaces(control)).map(({ team }) => team);
  expect(await active()).toEqual([one, three]);
  // A token that has expired is renewed before Slack is asked with it.
  cloud.revokeAccess(org, [one, three]);
  await control.updateTable('installations').set({ expires_at: START }).execute();
  await installations.followOrgs();
  expect(await active()).toEqual([one, three]);
});
