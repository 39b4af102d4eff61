import type pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/jobs/loop.ts';
import { openLocks } from '../../src/store/db/postgres/locks.ts';
import { listen } from '../../src/store/db/postgres/notices.ts';
import {
  countReplicas,
  joinReplicas,
  leaveReplicas,
} from '../../src/store/db/postgres/replicas.ts';
import { onPostgres } from './fresh-workspace.ts';
import { type Line, openLine } from './line.ts';
import { startServer } from './server.ts';

/** A network that goes silent while a process has something of the connection of its locks. */

async function start() {
  const server = await startServer();
  onTestFinished(() => server.stop());
  return openLine(server.url('bot', 'postgres'));
}

const log = { debug() {}, info() {}, warn() {}, error() {} };

async function open(
  { url }: Line,
  onConnected: (session: pg.Client) => Promise<unknown> = joinReplicas,
) {
  const join = async (session: pg.Client) => void (await onConnected(session));
  const locks = await openLocks(url, { clock: systemClock, log, onConnected: join });
  onTestFinished(() => locks.close());
  return locks;
}

describe.runIf(onPostgres)('the connection of the locks', () => {
  test.each([
    ['counting the replicas', countReplicas],
    ['leaving them', leaveReplicas],
  ])('is replaced when it goes silent while %s', async (_, statement) => {
    const line = await start();
    const locks = await open(line);
    expect(await locks.ask(countReplicas)).toBe(1);
    line.silence();
    await expect(locks.ask<unknown>(statement)).rejects.toThrow('timeout');
    // The server has not noticed that the silent one is gone.
    await expect
      .poll(() => locks.ask(countReplicas).catch(() => undefined), { timeout: 60_000 })
      .toBe(2);
  });

  test.each([
    ['joins the replicas', joinReplicas],
    ['begins to listen', (session: pg.Client) => listen(session, () => {})],
  ])('is given up when it goes silent while it %s', async (_, statement) => {
    const line = await start();
    const opening = open(line, (session) => {
      line.silence();
      return statement(session);
    });
    await expect(opening).rejects.toThrow('timeout');
  });

  test('loses what the server has locked for it too late', async () => {
    const line = await start();
    const locks = await open(line);
    expect(await locks.listFree(['T1'])).toEqual(['T1']);
    line.silence();
    await expect(locks.lock(['T1'])).rejects.toThrow('timeout');
    const other = await open(line);
    line.resume();
    const take = () => locks.lock(['T1']).catch(() => []);
    await expect.poll(take, { timeout: 60_000 }).toEqual(['T1']);
    expect(await other.lock(['T1'])).toEqual([]);
    await locks.release('T1');
    expect(await other.lock(['T1'])).toEqual(['T1']);
  });
});
