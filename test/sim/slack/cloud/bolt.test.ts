import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, HTTPReceiver, MemoryInstallationStore } from '@slack/bolt';
import { expect, onTestFinished, test, vi } from 'vitest';
import { SILENT } from '../start-sim.ts';
import { APP, furnish, startCloud } from './stage.ts';

/** A real Bolt app, whose InstallProvider (@slack/oauth) is installed in several workspaces. */

const REDIRECT = 'http://localhost:3000/slack/oauth_redirect';

async function startBolt(tokenRotation: boolean) {
  const { cloud } = await startCloud({
    app: { tokenRotation, redirectUrls: [REDIRECT] },
    retryDelaysMs: [],
  });
  const clientOptions = { slackApiUrl: cloud.apiUrl, logger: SILENT };
  const installationStore = new MemoryInstallationStore();
  const receiver = new HTTPReceiver({
    signingSecret: APP.signingSecret,
    clientId: APP.clientId,
    clientSecret: APP.clientSecret,
    stateSecret: 'state secret',
    scopes: APP.scopes,
    redirectUri: REDIRECT,
    installationStore,
    processBeforeResponse: true,
    logger: SILENT,
    installerOptions: {
      authorizationUrl: cloud.authorizeUrl,
      redirectUriPath: '/slack/oauth_redirect',
      directInstall: true,
      clientOptions,
    },
  });
  const app = new App({ receiver, clientOptions, logger: SILENT });
  app.message(async ({ message, client, context }) => {
    await client.chat.postMessage({ channel: message.channel, text: `heard by ${context.teamId}` });
  });
  const server = (await app.start(0)) as Server;
  onTestFinished(async () => void (await app.stop()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  cloud.deliverTo(`${url}/slack/events`);
  await cloud.verifyRequestUrl();

  /** What a browser does, apart from the page: there and back, with the cookie. */
  const visit = async (decide: (url: string) => string) => {
    const start = await fetch(`${url}/slack/install`, { redirect: 'manual' });
    const cookie = start.headers.get('set-cookie')?.split(';')[0] ?? '';
    const address = decide(start.headers.get('location') ?? '');
    const { pathname, search, origin } = new URL(address);
    expect(`${origin}${pathname}`).toBe(REDIRECT);
    const back = await fetch(url + pathname + search, { headers: { cookie } });
    return { status: back.status, text: await back.text() };
  };
  const install = async (team: string, user: string) => {
    const { status } = await visit((url) => cloud.approve({ url, team, user }));
    expect(status).toBe(200);
  };
  return { cloud, install, visit };
}

test('it is installed in two workspaces, and answers in each with its own token', async () => {
  const { cloud, install } = await startBolt(false);
  const twins = [furnish(cloud, { salt: 'TWIN' }), furnish(cloud, { salt: 'TWIN' })];
  for (const { sim, ann } of twins) await install(sim.teamId, ann);
  for (const { sim, ann, channel } of twins) sim.post({ channel, user: ann, text: 'hello' });
  await cloud.idle();
  for (const { sim, channel } of twins) {
    const texts = sim.messages(channel).map(({ text }) => text);
    expect(texts).toEqual(['hello', `heard by ${sim.teamId}`]);
  }
});

test('it is installed on a whole organization, and answers in a workspace of it', async () => {
  const { cloud, install } = await startBolt(false);
  const { sim, ann, channel } = furnish(cloud, { enterpriseId: 'E0GRID' });
  await install('E0GRID', ann);
  cloud.grantAccess('E0GRID', [sim.teamId]);
  await cloud.idle();
  // Bolt looks for an installation in a workspace: bolt-js#1778.
  expect(cloud.lostEvents).toMatchObject([{ event: { type: 'team_access_granted' } }]);
  sim.post({ channel, user: ann, text: 'hello' });
  await cloud.idle();
  expect(sim.messages(channel).map(({ text }) => text)).toEqual([
    'hello',
    `heard by ${sim.teamId}`,
  ]);
});

test('a person who cancels is told so', async () => {
  const { cloud, visit } = await startBolt(false);
  const { status, text } = await visit((url) => cloud.deny({ url }));
  expect([status, text]).toEqual([500, expect.stringContaining('authorization_error')]);
});

test('it refreshes its token before that expires', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const { cloud, install } = await startBolt(true);
  const { sim, ann, channel } = furnish(cloud);
  await install(sim.teamId, ann);
  const first = sim.botToken;
  vi.setSystemTime(Date.now() + 11 * 3_600_000);
  sim.post({ channel, user: ann, text: 'hello' });
  await cloud.idle();
  expect(sim.messages(channel)).toHaveLength(2);
  expect(sim.botToken).not.toBe(first);
  const { args } = cloud.calls.at(-1) ?? {};
  expect(args).toMatchObject({ grant_type: 'refresh_token' });
});
