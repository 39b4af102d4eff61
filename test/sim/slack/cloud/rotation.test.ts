import { expect, test } from 'vitest';
import { refusal } from '../start-sim.ts';
import {
  APP,
  type CloudStage,
  call,
  clientOf,
  clientWith,
  furnish,
  getAccess,
  startCloud,
} from './stage.ts';

/** Tokens that expire (docs.slack.dev/authentication/using-token-rotation). */

const HALF_A_DAY = 43_200_000;

async function start(options: Parameters<typeof startCloud>[0] = {}) {
  const clock = { now: Date.now() };
  const stage = await startCloud({
    app: { tokenRotation: true },
    now: () => clock.now,
    ...options,
  });
  const { sim, ann, channel } = furnish(stage.cloud);
  const installed = stage.cloud.install(sim.teamId, { user: ann });
  return { ...stage, clock, sim, ann, channel, installed };
}

function refresh(cloud: CloudStage['cloud'], token: unknown) {
  return getAccess(cloud, { grant_type: 'refresh_token', refresh_token: String(token) });
}

const state = (cloud: CloudStage['cloud'], token: unknown) =>
  refusal(clientWith(cloud, String(token)).auth.test());

test('a token expires after twelve hours, and a refresh token brings the next one', async () => {
  const { cloud, clock, sim, installed } = await start();
  expect(installed).toMatchObject({
    access_token: expect.stringMatching(/^xoxe\.xoxb-1-\w+$/),
    refresh_token: expect.stringMatching(/^xoxe-1-\w+$/),
    expires_in: 43_200,
  });
  clock.now += HALF_A_DAY - 1;
  expect(await state(cloud, installed.access_token)).toBe('ok');
  clock.now += 1;
  expect(await state(cloud, installed.access_token)).toBe('token_expired');
  expect(sim.calls.at(-1)).toMatchObject({ method: 'auth.test', error: 'token_expired' });
  const next = await refresh(cloud, installed.refresh_token);
  expect(next).toEqual({
    ok: true,
    app_id: cloud.appId,
    token_type: 'bot',
    scope: APP.scopes.join(','),
    bot_user_id: sim.botUserId,
    access_token: expect.stringMatching(/^xoxe\.xoxb-1-/),
    refresh_token: expect.stringMatching(/^xoxe-1-/),
    expires_in: 43_200,
    team: { id: sim.teamId, name: expect.any(String) },
    enterprise: null,
    is_enterprise_install: false,
  });
  expect(await state(cloud, next.access_token)).toBe('ok');
  expect(sim.botToken).toBe(next.access_token);
});

test('a refresh token works once, and again for a short time', async () => {
  const { cloud, clock, installed } = await start({ refreshGraceMs: 5000 });
  const first = await refresh(cloud, installed.refresh_token);
  clock.now += 4999;
  const again = await refresh(cloud, installed.refresh_token);
  expect(again.access_token).not.toBe(first.access_token);
  clock.now += 1;
  expect((await refresh(cloud, installed.refresh_token)).error).toBe('invalid_refresh_token');
  for (const token of [first.refresh_token, again.refresh_token])
    expect((await refresh(cloud, token)).ok).toBe(true);
  for (const token of ['xoxe-1-unknown', installed.access_token, ''])
    expect((await refresh(cloud, token)).error).toBe('invalid_refresh_token');
});

test('refreshing leaves the old token alone, but only two are good at a time', async () => {
  const { cloud, installed } = await start();
  const second = await refresh(cloud, installed.refresh_token);
  expect(await state(cloud, installed.access_token)).toBe('ok');
  const third = await refresh(cloud, second.refresh_token);
  expect(
    await Promise.all([installed, second, third].map((one) => state(cloud, one.access_token))),
  ).toEqual(['token_revoked', 'ok', 'ok']);
});

test('a refresh whose answer is lost can be repeated within the short time', async () => {
  const { cloud, installed } = await start();
  cloud.faults.add({ kind: 'cut', method: 'oauth.v2.access', when: 'after' });
  await expect(refresh(cloud, installed.refresh_token)).rejects.toThrow();
  expect((await refresh(cloud, installed.refresh_token)).ok).toBe(true);
});

test('installing again brings another pair', async () => {
  const { cloud, sim, ann, installed } = await start();
  const again = cloud.install(sim.teamId, { user: ann });
  expect(again.access_token).not.toBe(installed.access_token);
  expect(await state(cloud, installed.access_token)).toBe('ok');
});

test('auth.revoke takes one token; the app stays installed and hears nothing of it', async () => {
  const { cloud, sim, ann, channel, events, installed } = await start();
  const test = await call(cloud, 'auth.revoke', { token: sim.botToken, test: '1' });
  expect(test).toEqual({ ok: true, revoked: false });
  expect(await call(cloud, 'auth.revoke', { token: sim.botToken })).toEqual({
    ok: true,
    revoked: true,
  });
  expect(await state(cloud, installed.access_token)).toBe('token_revoked');
  expect(() => sim.botToken).toThrow();
  sim.post({ channel, user: ann, text: 'still heard' });
  await cloud.idle();
  expect(events()).toMatchObject([{ text: 'still heard' }]);

  const next = await refresh(cloud, installed.refresh_token);
  expect(await state(cloud, next.access_token)).toBe('ok');
  await call(cloud, 'auth.revoke', { token: String(next.refresh_token) });
  expect((await refresh(cloud, next.refresh_token)).error).toBe('invalid_refresh_token');
});

test('uninstalling ends all tokens', async () => {
  const { cloud, sim, installed } = await start();
  cloud.uninstall(sim.teamId);
  expect(await state(cloud, installed.access_token)).toBe('account_inactive');
  expect((await refresh(cloud, installed.refresh_token)).error).toBe('invalid_refresh_token');
});

test('tokens can be made to expire at once', async () => {
  const { cloud, sim, installed } = await start();
  expect(() => cloud.expireTokens(furnish(cloud).sim.teamId)).toThrow('not installed');
  cloud.expireTokens(sim.teamId);
  expect(await state(cloud, installed.access_token)).toBe('token_expired');
  expect((await refresh(cloud, installed.refresh_token)).ok).toBe(true);
});

test('with rotation switched on, a token that lasts is exchanged once and ends with the first refresh', async () => {
  const { cloud, sim, installed } = await start({ app: {} });
  const { clientId: client_id, clientSecret: client_secret } = APP;
  const exchange = (token: string) =>
    call(cloud, 'oauth.v2.exchange', { client_id, client_secret, token });
  const lasting = installed.access_token;
  expect(installed).not.toHaveProperty('refresh_token');
  expect((await refresh(cloud, lasting)).error).toBe('invalid_refresh_token');
  expect((await exchange(lasting)).error).toBe('token_rotation_not_enabled');
  cloud.turnOnRotation();
  expect((await call(cloud, 'oauth.v2.exchange', { token: lasting })).error).toBe(
    'invalid_client_id',
  );
  expect((await exchange('xoxb-unknown')).error).toBe('invalid_token');
  const pair = await exchange(lasting);
  expect(pair).toMatchObject({ ok: true, expires_in: 43_200, team: { id: sim.teamId } });
  expect((await exchange(lasting)).error).toBe('token_already_exchanged');
  expect((await exchange(String(pair.access_token))).error).toBe('invalid_token');
  expect(await state(cloud, lasting)).toBe('ok');
  await refresh(cloud, pair.refresh_token);
  expect(await state(cloud, lasting)).toBe('token_expired');
  expect(await refusal(clientOf(cloud, sim).auth.test())).toBe('ok');
});
