import { expect, test } from 'vitest';
import { openPlace } from './bot.ts';

/** The connection to Slack dies in every way, under a real process with its real clock. */

const BROUGHT = 'history had what no event had brought';

test('ten reconnections, unknown envelopes, a socket that dies silently: nothing is lost, and SIGINT ends it', async () => {
  const place = await openPlace();
  const { slack } = place;
  const bot = place.start();
  await bot.logged('messages count from here on');
  for (let n = 1; n <= 10; n++) {
    slack.sockets[n % 2 ? 'refresh' : 'cut']();
    place.post(`meanwhile (No. ${n})`);
    await bot.logged('connected to Slack again', n);
  }
  slack.sockets.sendRaw({
    envelope_id: 'e1',
    type: 'events_api',
    payload: { type: 'app_rate_limited', team_id: slack.teamId, minute_rate_limited: 1 },
  });
  await bot.logged('Slack holds back events for now; history is read instead');
  await slack.idle();

  const swept = bot.lines.filter(({ msg }) => msg === BROUGHT).length;
  slack.sockets.goSilent();
  // Delivered to nobody, and not sent again: only the sweep can bring it.
  slack.eventFaults.add({ kind: 'drop', match: ({ type }) => type === 'message' });
  place.post('while the socket was silent (No. 11)');
  await bot.logged('connected to Slack again', 11);
  await bot.logged(BROUGHT, swept + 1);
  await place.type();
  await slack.waitFor(() => place.posts().some(({ text }) => text.includes('11 messages')));
  await slack.waitFor(() => place.posts().length > 1);
  expect(bot.lines.filter(({ level }) => level >= 50)).toEqual([]);
  bot.process.kill('SIGINT');
  expect(await bot.ended).toEqual({ code: 0, said: '' });
});

test('Slack out at the start, first all of it, then only its sockets: it begins when Slack is back', async () => {
  const place = await openPlace();
  const { slack } = place;
  slack.faults.add({ method: 'auth.test', kind: 'status', status: 503 });
  slack.sockets.refuse(true);
  const bot = place.start();
  await bot.logged('Slack cannot be reached; trying again');
  await bot.logged('Slack cannot be connected to; trying again');
  slack.sockets.refuse(false);
  await bot.logged('ready');
  place.post('It crashes');
  await slack.idle();
  expect(slack.lostEvents).toEqual([]);
  bot.process.kill('SIGTERM');
  expect((await bot.ended).code).toBe(0);
});

test('the token is revoked while it runs: each lane says so once, and nothing spins', async () => {
  const place = await openPlace();
  const { slack } = place;
  const bot = place.start();
  await bot.logged('messages count from here on');
  for (let n = 1; n <= 40; n++) place.post(`It crashes (No. ${n})`);
  await slack.idle();
  for (const method of ['chat.postMessage', 'reactions.add', 'conversations.history']) {
    slack.faults.add({ method, kind: 'error', error: 'token_revoked', times: Infinity });
  }
  await place.type();
  await bot.logged('Slack refuses the app itself; its settings need a look', 2);
  await bot.logged('a run is done');
  // Two wakes of the outbox later nothing more has been tried.
  const begun = slack.calls.length;
  await slack.waitFor(() => slack.sockets.count() > 0);
  await place.type('status');
  const refused = bot.lines.filter(({ reason }) => reason === 'token_revoked');
  expect(refused.map(({ lane }) => lane).sort()).toEqual([`post ${place.channel}`, 'reaction']);
  expect(slack.calls.length - begun).toBeLessThan(10);
  expect(slack.callCounts.get('chat.postMessage')).toBe(1);
  expect(slack.callCounts.get('reactions.add')).toBeLessThanOrEqual(8);
  bot.process.kill('SIGTERM');
  expect((await bot.ended).code).toBe(0);
});
