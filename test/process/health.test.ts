import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { lockDatabase } from '../../src/store/db/lock.ts';
import { openPlace } from './bot.ts';
import { findFreePort } from './free-port.ts';

/** Probes and metrics of the bot as a process. */

/** Asks until somebody answers as wanted. */
async function askUntil(url: string, isWanted: (response: Response) => boolean): Promise<Response> {
  for (;;) {
    const response = await fetch(url).catch(() => undefined);
    if (response && isWanted(response)) return response;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('alive from the beginning, ready when it is, and not when Slack is gone', async () => {
  const place = await openPlace();
  const port = await findFreePort();
  const at = (path: string) => `http://127.0.0.1:${port}${path}`;
  // Another process has the database: this one waits, and is not ready.
  const unlock = lockDatabase(place.database);
  onTestFinished(unlock);
  const bot = place.start({ HEALTH_PORT: String(port) });
  expect((await askUntil(at('/livez'), ({ ok }) => ok)).status).toBe(200);
  const starting = await fetch(at('/readyz'));
  expect([starting.status, await starting.json()]).toEqual([
    503,
    { ready: false, checks: { start: 'the bot is starting' } },
  ]);
  expect(await (await fetch(at('/metrics'))).text()).toContain('nodejs_eventloop_lag');
  unlock();

  await bot.logged('ready');
  const ready = await askUntil(at('/readyz'), ({ ok }) => ok);
  expect(await ready.json()).toMatchObject({ ready: true });
  place.post('The export crashes. My name is Ana.');
  await place.type();
  await place.slack.waitFor(() => place.reacted().length === 1);
  const metrics = await (await fetch(at('/metrics'))).text();
  expect(metrics).toMatch(
    /winnow_call_duration_seconds_count\{service="slack",method="auth.test",outcome="ok"\} 1/,
  );
  expect(metrics).toMatch(/service="claude",method="batches.create",outcome="ok"\} 1/);
  expect(metrics).toContain('winnow_verdicts_total 1');
  expect(metrics).not.toMatch(/export crashes|Ana|xoxb|sk-ant/);

  place.slack.sockets.refuse(true);
  place.slack.sockets.cut();
  const lost = await askUntil(at('/readyz'), ({ status }) => status === 503);
  expect(await lost.json()).toMatchObject({ checks: { connection: 'not connected to Slack' } });

  expect((await fetch(at('/metrics'), { method: 'POST' })).status).toBe(405);
  expect((await fetch(at('/other'))).status).toBe(404);
  bot.process.kill('SIGTERM');
  expect((await bot.ended).code).toBe(0);
  await expect(fetch(at('/livez'))).rejects.toThrow();
});

test('a port that is taken stops the start, with the setting', async () => {
  const place = await openPlace();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const settings = { HEALTH_PORT: String(port), TAKE_OVER_SECONDS: '0' };
  const { code, said } = await place.start(settings).ended;
  expect(code).toBe(1);
  expect(said).toMatch(new RegExp(`^HEALTH_PORT: cannot listen on ${port}: `));
});
