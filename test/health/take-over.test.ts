import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { startHealth } from '../../src/health/health.ts';

/** In a rolling deploy, the process that is about to stop still has the port. */

async function takePort() {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  const leave = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { port, leave };
}

test('it is waited for, and had as soon as it is free', async () => {
  const { port, leave } = await takePort();
  let waits = 0;
  const sleep = async () => {
    waits++;
    if (waits === 2) await leave();
  };
  const health = startHealth(port, { now: () => 0, sleep }, 1_000);
  await health.listening;
  expect(waits).toBe(2);
  expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
  await health.stop();
});

test('for no longer than a process waits for the database', async () => {
  const { port, leave } = await takePort();
  let now = 0;
  const sleep = async () => {
    now += 400;
  };
  const health = startHealth(port, { now: () => now, sleep }, 1_000);
  await expect(health.listening).rejects.toThrow(/EADDRINUSE/);
  expect(now).toBe(1_200);
  await leave();
});

test('a bot that stops waits for it no longer', async () => {
  const { port, leave } = await takePort();
  const sleep = (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
  const health = startHealth(port, { now: () => 0, sleep }, 1_000);
  await health.stop();
  await expect(health.listening).rejects.toThrow(/EADDRINUSE/);
  await leave();
});
