import { type AddressInfo, createServer } from 'node:net';
import { expect, test, vi } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import { startHealth } from '../../src/health/health.ts';

/** In a rolling deploy, the process that is about to stop still has the port. */

async function takePort() {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  const leave = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { port, leave };
}

function start(port: number, clock: Clock) {
  const log = { debug() {}, info: vi.fn(), warn() {}, error() {} };
  return { ...startHealth(port, { takeOverMs: 1_000, clock, log }), log };
}

test('it is waited for, and had as soon as it is free', async () => {
  const { port, leave } = await takePort();
  let waits = 0;
  const sleep = async () => {
    waits++;
    if (waits === 2) await leave();
  };
  const health = start(port, { now: () => 0, sleep });
  await health.listening;
  expect(waits).toBe(2);
  expect(health.log.info.mock.calls).toEqual([
    [{ port, takeOverMs: 1_000 }, 'HEALTH_PORT is in use; waiting for it'],
  ]);
  expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
  await health.stop();
});

test('for no longer than a process waits for the database', async () => {
  const { port, leave } = await takePort();
  let now = 0;
  const sleep = async () => {
    now += 400;
  };
  const health = start(port, { now: () => now, sleep });
  await expect(health.listening).rejects.toThrow(/EADDRINUSE/);
  expect(now).toBe(1_200);
  await leave();
});

test('a bot that stops waits for it no longer', async () => {
  const { port, leave } = await takePort();
  const sleep = (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
  const health = start(port, { now: () => 0, sleep });
  await health.stop();
  await expect(health.listening).rejects.toThrow(/EADDRINUSE/);
  await leave();
});
