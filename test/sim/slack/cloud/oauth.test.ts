import { expect, test } from 'vitest';
import { refusal } from '../start-sim.ts';
import {
  APP,
  call,
  clientOf,
  clientWith,
  codeOf,
  furnish,
  getAccess,
  startCloud,
} from './stage.ts';

/** From the page on which a person allows the app, to its token. */

const [REDIRECT = ''] = APP.redirectUrls;
const MINUTE = 60_000;

function ask(params: Record<string, string>): string {
  return `?${new URLSearchParams({ client_id: APP.clientId, scope: 'chat:write', ...params })}`;
}

test('a person allows the app on the page, and the code becomes a token', async () => {
  const { cloud } = await startCloud();
  const { sim, ann } = furnish(cloud, { name: 'Acme & Sons' });
  const query = ask({ state: '"s"', redirect_uri: REDIRECT, scope: 'chat:write users:read' });
  const page = await (await fetch(cloud.authorizeUrl + query)).text();
  expect(page).toContain('<li>users:read</li>');
  expect(page).toContain('Ann Lee installs it in Acme &amp; Sons');
  const fields = [...page.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(
    ([, name = '', value = '']) => [name, value.replaceAll('&quot;', '"')],
  );
  const [, as = ''] = /option value="([^"]*)"/.exec(page) ?? [];
  const decide = (decision: string) =>
    fetch(cloud.authorizeUrl, {
      method: 'POST',
      body: new URLSearchParams({ ...Object.fromEntries(fields), as, decision }),
      redirect: 'manual',
    });

  const denied = (await decide('deny')).headers.get('location') ?? '';
  expect(denied).toBe(`${REDIRECT}?error=access_denied&state=%22s%22`);
  const allowed = (await decide('allow')).headers.get('location') ?? '';
  expect(new URL(allowed).searchParams.get('state')).toBe('"s"');
  const answer = await getAccess(cloud, { code: codeOf(allowed), redirect_uri: REDIRECT });
  expect(answer).toEqual({
    ok: true,
    app_id: cloud.appId,
    authed_user: { id: ann },
    scope: 'chat:write,users:read',
    token_type: 'bot',
    access_token: expect.stringMatching(/^xoxb-\d+-\d+-\w+$/),
    bot_user_id: sim.botUserId,
    team: { id: sim.teamId, name: 'Acme & Sons' },
    enterprise: null,
    is_enterprise_install: false,
  });
  const client = clientWith(cloud, String(answer.access_token));
  expect(await client.auth.test()).toMatchObject({ team_id: sim.teamId, user_id: sim.botUserId });
  expect(await refusal(client.emoji.list())).toBe('missing_scope');
});

test('the page suggests the workspace that the app names', async () => {
  const { cloud } = await startCloud();
  const [acme, globex] = [furnish(cloud, { name: 'Acme' }), furnish(cloud, { name: 'Globex' })];
  const show = async (team: string) => (await fetch(cloud.authorizeUrl + ask({ team }))).text();
  expect(await show('')).toMatch(/Acme.*Globex/);
  expect(await show(globex.sim.teamId)).not.toContain('Acme');
  expect(await show('T0UNKNOWN')).toContain(acme.ann);
});

test('who is not let in, is not sent back either', async () => {
  const { cloud } = await startCloud();
  const open = (params: Record<string, string>) =>
    fetch(cloud.authorizeUrl + ask(params), { redirect: 'manual' });
  const refused: [Record<string, string>, string][] = [
    [{ client_id: 'other' }, 'invalid_client_id'],
    [{ redirect_uri: 'https://evil.example/oauth' }, 'bad_redirect_uri'],
    [{ redirect_uri: 'http://localhost:3000/slack' }, 'bad_redirect_uri'],
    [{ redirect_uri: 'http://localhost:3001/slack/oauth_redirect' }, 'bad_redirect_uri'],
    [{ redirect_uri: 'https://app.example/oauthed' }, 'bad_redirect_uri'],
    [{ redirect_uri: 'nonsense' }, 'bad_redirect_uri'],
    [{ scope: '' }, 'no_scopes'],
  ];
  for (const [params, error] of refused) {
    const response = await open(params);
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(error)]);
  }
  for (const [name, value] of [
    ['scope', 'admin'],
    ['user_scope', 'chat:write'],
  ] as const) {
    const redirect_uri = 'https://app.example/oauth/a';
    const { headers } = await open({ [name]: value, redirect_uri });
    expect(headers.get('location')).toBe('https://app.example/oauth/a?error=invalid_scope&state=');
  }
});

test('guests, bots and strangers may not install an app', async () => {
  const { cloud } = await startCloud();
  const { sim, ann } = furnish(cloud);
  expect(() => cloud.install(sim.teamId, { user: ann, scopes: ['admin'] })).toThrow('admin');
  const guest = sim.addUser({ name: 'guest', isRestricted: true });
  const stranger = sim.addUser({ name: 'eve', teamId: 'T0OTHER' });
  const gone = sim.addUser({ name: 'gone' });
  sim.deactivate(gone);
  for (const user of [guest, stranger, gone, sim.botUserId, 'U0NOBODY']) {
    expect(() => cloud.approve({ team: sim.teamId, user })).toThrow('may not install');
    expect(() => cloud.install(sim.teamId, { user })).toThrow('may not install');
  }
  expect(() => cloud.approve({ team: 'T0NOWHERE', user: guest })).toThrow('T0NOWHERE');
  const { status } = await fetch(cloud.authorizeUrl + ask({}), {
    method: 'POST',
    body: new URLSearchParams(ask({ as: `${sim.teamId} ${guest}`, decision: 'allow' })),
  });
  expect(status).toBe(400);
});

test('a code is good once, for ten minutes, with the same redirect_uri', async () => {
  let now = Date.now();
  const { cloud } = await startCloud({ now: () => now });
  const { sim, ann } = furnish(cloud);
  const approve = (redirectUri?: string) =>
    codeOf(cloud.approve({ team: sim.teamId, user: ann, ...(redirectUri && { redirectUri }) }));
  const error = async (args: Record<string, string>) => (await getAccess(cloud, args)).error;

  const bound = approve(REDIRECT);
  expect(await error({ code: bound })).toBe('bad_redirect_uri');
  expect(await error({ code: bound, redirect_uri: `${REDIRECT}/` })).toBe('bad_redirect_uri');
  expect(await error({ code: bound, redirect_uri: REDIRECT })).toBeUndefined();
  expect(await error({ code: bound, redirect_uri: REDIRECT })).toBe('code_already_used');
  expect(await error({ code: approve(), redirect_uri: REDIRECT })).toBe('bad_redirect_uri');
  expect(await error({ code: 'nonsense' })).toBe('invalid_code');
  expect(await error({})).toBe('invalid_code');

  const late = approve();
  now += 10 * MINUTE - 1;
  const inTime = approve();
  expect(await error({ code: late })).toBeUndefined();
  now += 10 * MINUTE;
  expect(await error({ code: inTime })).toBe('invalid_code');
});

test('the app has to prove itself, by HTTP Basic or in the arguments', async () => {
  const { cloud } = await startCloud();
  const { sim, ann } = furnish(cloud);
  const code = codeOf(cloud.approve({ team: sim.teamId, user: ann }));
  const error = async (args: Record<string, string>) =>
    (await call(cloud, 'oauth.v2.access', { code, ...args })).error;
  expect(await error({})).toBe('invalid_client_id');
  expect(await error({ client_id: 'other', client_secret: APP.clientSecret })).toBe(
    'invalid_client_id',
  );
  expect(await error({ client_id: APP.clientId, client_secret: 'guessed' })).toBe(
    'bad_client_secret',
  );
  expect((await getAccess(cloud, { code, grant_type: 'password' })).error).toBe(
    'invalid_grant_type',
  );
  const { clientId: client_id, clientSecret: client_secret } = APP;
  const given = await clientWith(cloud).oauth.v2.access({ client_id, client_secret, code });
  expect(given.access_token).toBe(sim.botToken);
});

test('installed again, the app has the same token with the scopes of both times', async () => {
  const { cloud } = await startCloud();
  const { sim, ann } = furnish(cloud);
  const install = async (scope: string) =>
    getAccess(cloud, { code: codeOf(cloud.approve({ team: sim.teamId, user: ann, scope })) });
  const first = await install('chat:write');
  const second = await install('users:read');
  expect(second.access_token).toBe(first.access_token);
  expect(second.scope).toBe('chat:write,users:read');
  expect(await refusal(clientOf(cloud, sim).users.list({}))).toBe('ok');
});

test('the answer with the token can be lost', async () => {
  const { cloud } = await startCloud();
  const { sim, ann } = furnish(cloud);
  const approve = () => codeOf(cloud.approve({ team: sim.teamId, user: ann }));
  cloud.faults.add({ kind: 'cut', method: 'oauth.v2.access', when: 'after' });
  const code = approve();
  await expect(getAccess(cloud, { code })).rejects.toThrow();
  expect((await getAccess(cloud, { code })).error).toBe('code_already_used');
  expect((await getAccess(cloud, { code: approve() })).access_token).toBe(sim.botToken);
});

test('oauth.v2.access has its rate limit', async () => {
  const { cloud } = await startCloud({ rateLimits: true, now: () => 0 });
  let answers = 0;
  while ((await getAccess(cloud, {})).error === 'invalid_code') answers += 1;
  expect(answers).toBe(120);
  expect(cloud.calls.at(-1)).toMatchObject({ status: 429, retryAfter: 1 });
});

test('Redirect URLs are HTTPS, and have no anchor', async () => {
  for (const url of ['http://app.example/oauth', 'https://app.example/#oauth'])
    await expect(startCloud({ app: { redirectUrls: [url] } })).rejects.toThrow('Redirect URL');
});
