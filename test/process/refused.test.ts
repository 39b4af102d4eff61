import { expect, test } from 'vitest';
import { openPlace } from './bot.ts';

/** Slack refuses the bot at its start. */

test.each([
  ['ekm_access_denied', /^SLACK_BOT_TOKEN: Slack refuses the app \(ekm_access_denied\).*EKM/],
  ['enterprise_is_restricted', /refuses the app .*Install it in the workspace itself/],
  ['account_inactive', /^SLACK_BOT_TOKEN: Slack refuses it \(account_inactive\).*uninstalled/],
])('auth.test says %s: it ends with what mends that', async (error, words) => {
  const { slack, start } = await openPlace();
  slack.faults.add({ kind: 'error', method: 'auth.test', error });
  const { code, said } = await start().ended;
  expect([code, said]).toEqual([1, expect.stringMatching(words)]);
});

test('while the workspace is moved into an organization, it waits', async () => {
  const { slack, start } = await openPlace();
  slack.faults.add({ kind: 'error', method: 'auth.test', error: 'org_login_required' });
  const bot = start();
  expect(await bot.logged('Slack cannot be reached; trying again')).toMatchObject({
    advice: expect.stringContaining('nothing has to be changed'),
  });
  await bot.logged('ready');
});

test('without the list of channels, who types the command is not told to invite it', async () => {
  const place = await openPlace();
  const { slack } = place;
  slack.faults.add({
    ...{ kind: 'error', method: 'users.conversations', error: 'missing_argument' },
    times: Number.POSITIVE_INFINITY,
  });
  const bot = place.start();
  await bot.logged('a job failed; it is tried again');
  await place.type('status');
  expect(slack.ephemerals(place.user).at(-1)?.text).toMatch(/^\*Pending\*/);
});
