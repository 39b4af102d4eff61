import { describe, expect, onTestFinished, test } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import { systemClock } from '../../src/jobs/loop.ts';
import { writersOf } from '../../src/store/db/postgres/lane.ts';
import { NotLockedError, openLocks } from '../../src/store/db/postgres/locks.ts';
import { takeOver } from '../../src/store/db/postgres/ownership.ts';
import { createPool, migrateTables } from '../../src/store/db/postgres/pool.ts';
import { fillWorkspace, openWorkspace } from '../../src/store/db/postgres/workspace.ts';
import { createTestClock } from '../harness.ts';
import { onPostgres } from './fresh-workspace.ts';
import { type Server, startServer } from './server.ts';

/** How a workspace's statements get through lost connections, and who may write. */

const TEAM = 'T0TEAM';

async function open(options: Parameters<typeof createPool>[1] = {}) {
  const server = await startServer();
  onTestFinished(() => server.stop());
  const url = server.url('bot', 'postgres');
  const admin = await server.connect('postgres');
  await admin.query('grant create on schema public to bot');
  await admin.end();
  await migrateTables(url);
  const pool = createPool(url, { max: 2, ...options });
  onTestFinished(() => pool.end());
  return { server, url, pool };
}

/** A process that owns the workspace. */
async function own(
  { url, pool }: Awaited<ReturnType<typeof open>>,
  clock: Clock = createTestClock(),
  lines: string[] = [],
) {
  const lost: string[] = [];
  const onLost = () => void lost.push('lost');
  const write = (_: object, message: string) => void lines.push(message);
  const log = { debug() {}, info: write, warn: write, error: write };
  const options = { takeOverMs: 0, clock, log, prepare: async () => {}, onLost };
  const ownership = await takeOver(url, TEAM, options);
  onTestFinished(() => ownership.release());
  const guard = { epoch: ownership.epoch, onLost };
  const db = openWorkspace(pool, TEAM, { guard, clock: createTestClock() });
  return { db, ownership, lost, lines };
}

async function asAdmin(server: Server, query: string) {
  const admin = await server.connect('postgres');
  const { rows } = await admin.query(query);
  await admin.end();
  return rows;
}

const addUser = (db: ReturnType<typeof openWorkspace>, id: string) =>
  db
    .insertInto('users')
    .values({ id, name: null, fetched_at: null, role: null, time_zone: null, locale: null })
    .execute();

const CUT = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'winnow'`;

const CUT_OWNER = CUT.replace(`'winnow'`, `'winnow owner'`);

describe.runIf(onPostgres)('a statement', () => {
  test('gets another connection when those of the pool are lost, also for a transaction', async () => {
    const scene = await open();
    const { db } = await own(scene);
    await fillWorkspace(db);
    for (const id of ['U1', 'U2', 'U3']) {
      await asAdmin(scene.server, CUT);
      await addUser(db, id);
      await scene.server.crash();
      expect(await db.selectFrom('users').select('id').execute()).toContainEqual({ id });
    }
  });

  test('fails when its transaction is lost: nothing of it has happened', async () => {
    const scene = await open();
    const { db } = await own(scene);
    const transaction = db.transaction().execute(async (tx) => {
      await addUser(tx, 'U1');
      await asAdmin(scene.server, CUT);
      await addUser(tx, 'U2');
    });
    await expect(transaction).rejects.toThrow(/terminat|connection/i);
    expect(await db.selectFrom('users').select('id').execute()).toEqual([]);
    await addUser(db, 'U3');
  });

  test('that fails leaves no broken transaction behind for the next one', async () => {
    const scene = await open({ max: 1, limits: { statementMs: 300, idleMs: 0 } });
    const { db } = await own(scene);
    const admin = await scene.server.connect('postgres');
    await admin.query(`select pg_advisory_lock(${writersOf(TEAM)})`);
    await expect(addUser(db, 'U1')).rejects.toThrow(/statement timeout/);
    await admin.end();
    await addUser(db, 'U2');
    const twice = addUser(db, 'U2');
    await expect(twice).rejects.toThrow(/duplicate key/);
    expect(await db.selectFrom('users').select('id').execute()).toEqual([{ id: 'U2' }]);
  });
});

describe.runIf(onPostgres)('a workspace', () => {
  test('belongs to one process at a time', async () => {
    const scene = await open();
    const first = await own(scene);
    await expect(own(scene)).rejects.toThrow(/another Winnow is running for the workspace T0TEAM/);
    await first.ownership.release();
    const second = await own(scene);
    expect(second.ownership.epoch).toBe(first.ownership.epoch + 1);
    await addUser(second.db, 'U1');
    await expect(addUser(first.db, 'U2')).rejects.toThrow('another Winnow works for T0TEAM now');
    await expect(first.db.transaction().execute((tx) => addUser(tx, 'U2'))).rejects.toThrow(
      'another Winnow works for T0TEAM now',
    );
    expect(first.lost).toEqual(['lost', 'lost']);
    expect(second.lost).toEqual([]);
    expect(await second.db.selectFrom('users').select('id').execute()).toEqual([{ id: 'U1' }]);
  });

  test('may be acted for only while its lock is known to be held', async () => {
    const scene = await open();
    const clock = createTestClock();
    const { ownership, lines } = await own(scene, clock);
    const isHeld = () =>
      ownership.held(AbortSignal.abort()).then(
        () => true,
        () => false,
      );
    const logged = (words: string, times: number) =>
      expect
        .poll(() => lines.filter((line) => line.includes(words)).length, { timeout: 60_000 })
        .toBe(times);
    expect(await isHeld()).toBe(true);
    // The server may have given the lock to somebody else meanwhile.
    clock.jump(4_000);
    expect(await isHeld()).toBe(false);
    clock.fire(1_000);
    await expect.poll(isHeld, { timeout: 60_000 }).toBe(true);
    for (const round of [1, 2]) {
      const restart = await scene.server.halt();
      clock.jump(1_000);
      clock.fire(1_000);
      await logged('are lost', round);
      expect(await isHeld()).toBe(false);
      await restart();
      await expect
        .poll(
          async () => {
            for (const ms of [1_000, 2_000]) clock.fire(ms);
            return isHeld();
          },
          { timeout: 60_000 },
        )
        .toBe(true);
      await logged('is held again', round);
    }
  });

  test('cannot be owned when its lock was lost meanwhile: another process may have it', async () => {
    const scene = await open();
    const clock = createTestClock();
    const lines: string[] = [];
    const write = (_: object, message: string) => void lines.push(message);
    const log = { debug() {}, info: write, warn: write, error: write };
    const locks = await openLocks(scene.url, { clock, log });
    onTestFinished(() => locks.close());
    expect(await locks.lock([TEAM])).toEqual([TEAM]);
    await asAdmin(scene.server, CUT_OWNER);
    await expect
      .poll(
        () => {
          clock.fire(1_000);
          return lines;
        },
        { timeout: 60_000 },
      )
      .toContain('the locks of workspaces are lost with their connection');
    const other = await own(scene);
    await expect(locks.own(TEAM, () => {})).rejects.toThrow(NotLockedError);
    // The one that has it goes on.
    await addUser(other.db, 'U1');
    expect(other.lost).toEqual([]);
    expect(await locks.lock([TEAM])).toEqual([]);
    await other.ownership.release();
    await expect.poll(() => locks.lock([TEAM]), { timeout: 60_000 }).toEqual([TEAM]);
    expect(await locks.own(TEAM, () => {})).toBe(other.ownership.epoch + 1);
  });

  test('is taken over only when what the one before has begun is done', async () => {
    const scene = await open();
    const first = await own(scene);
    const { promise: going, resolve: goOn } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const transaction = first.db.transaction().execute(async (tx) => {
      await addUser(tx, 'U1');
      begin();
      await going;
    });
    await begun;
    // Its lock is gone, as with a lost connection, and it does not know.
    await first.ownership.release();
    const lines: string[] = [];
    const taking = own(scene, systemClock, lines);
    await expect
      .poll(() => lines, { timeout: 60_000 })
      .toContain('waiting for what the process before has begun to write');
    goOn();
    await transaction;
    const second = await taking;
    expect(await second.db.selectFrom('users').select('id').execute()).toEqual([{ id: 'U1' }]);
  });
});
