import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { DatabasePlace } from '../../../src/core/database-place.ts';
import { systemClock } from '../../../src/jobs/loop.ts';
import { createEndedJob } from '../../../src/replica/ended.ts';
import { lockDatabase } from '../../../src/store/db/lock.ts';
import { openDatabase } from '../../../src/store/db/open.ts';
import { openWorkspaceAlone } from '../../../src/store/db/postgres/open.ts';
import { createPool } from '../../../src/store/db/postgres/pool.ts';
import type { Db } from '../../../src/store/db/tables.ts';
import { removeWorkspace } from '../../../src/store/workspaces/delete.ts';
import { deleteEnded, listEnded } from '../../../src/store/workspaces/delete-ended.ts';
import { controlOf, fileOf } from '../../../src/store/workspaces/files.ts';
import { endInstallation, saveInstallation } from '../../../src/store/workspaces/installations.ts';
import type { ControlDb } from '../../../src/store/workspaces/tables.ts';
import { isActive, listActiveWorkspaces } from '../../../src/store/workspaces/workspaces.ts';
import { onPostgres } from '../../postgres/fresh-workspace.ts';
import { added, createPlace, installationOf, START, sealer, startControl } from './stage.ts';

/** Workspaces that have ended, and what is left of them once they are deleted. */

const DAY = 86_400_000;

async function openStage(teams: string[]) {
  const inside = await createPlace();
  const place: DatabasePlace =
    inside.kind === 'sqlite' ? { ...inside, file: path.dirname(inside.file) } : inside;
  const control = await startControl(controlOf(place));
  const lines: { msg: string; team?: unknown }[] = [];
  const write = (facts: object, msg: string) => void lines.push({ ...facts, msg });
  const log = { debug() {}, info: write, warn: write, error: write };
  const tools = { clock: systemClock, log };

  const install = (team: string, on = control) =>
    saveInstallation(on, sealer, installationOf(team), [added(team)]);
  const end = (team: string, at: number) =>
    endInstallation(control, team, { why: 'app_uninstalled', at });
  /** Works for a workspace until the stack is disposed of. */
  const own = async (team: string, begun: AsyncDisposableStack): Promise<Db> => {
    if (place.kind === 'postgres') {
      const options = { ...tools, takeOverMs: 600_000, onLost() {} };
      return (await openWorkspaceAlone(place.url, team, options, begun)).db;
    }
    begun.defer(lockDatabase(fileOf(place.file, team)));
    const db = await openDatabase(fileOf(place.file, team));
    begun.defer(() => db.destroy());
    return db;
  };
  /** Whether anything is stored for a workspace. */
  const isStored = async (team: string): Promise<boolean> => {
    if (place.kind === 'sqlite') {
      return readdirSync(place.file).some((name) => name.startsWith(`${team}.db`));
    }
    const pool = createPool(place.url, { max: 1 });
    const client = await pool.connect();
    await client.query(`select set_config('winnow.team', $1, false)`, [team]);
    const { rows } = await client.query(
      'select from owners union all select from indexed_verdicts union all select from taxonomies',
    );
    client.release();
    await pool.end();
    return rows.length > 0;
  };
  for (const team of teams) {
    await install(team);
    await using begun = new AsyncDisposableStack();
    const db = await own(team, begun);
    await db.insertInto('taxonomies').values({ content: team, created_at: 1 }).execute();
  }
  const remove = (team: string, endedBy: number, on = control) =>
    deleteEnded(on, place, { team, endedBy }, tools);
  return { place, control, lines, log, install, end, own, isStored, remove };
}

test('one that has ended is deleted, and no other', async () => {
  const { control, install, end, isStored, remove } = await openStage(['T1', 'T2']);
  expect(await remove('T1', START)).toBe('not ended');
  await end('T1', START + 5);
  expect(await listEnded(control, START + 4)).toEqual([]);
  expect(await remove('T1', START + 4)).toBe('not ended');
  expect(await isStored('T1')).toBe(true);
  expect(await listEnded(control, START + 5)).toEqual([{ team: 'T1', endedAt: START + 5 }]);
  expect(await remove('T1', START + 5)).toBe('deleted');
  expect([await isStored('T1'), await isStored('T2')]).toEqual([false, true]);
  expect(await remove('T1', START + 5)).toBe('not ended');
  expect(await isStored('T1')).toBe(false);
  await install('T1');
  expect((await listActiveWorkspaces(control)).map(({ team }) => team)).toEqual(['T1', 'T2']);
});

test('one that is installed again is not deleted', async () => {
  const { control, install, end, isStored, remove } = await openStage(['T1']);
  await end('T1', START);
  await install('T1');
  expect(await remove('T1', START + 9)).toBe('not ended');
  expect([await isStored('T1'), await isActive(control, 'T1')]).toEqual([true, true]);
});

test('one that a process still works for is left alone', async () => {
  const { own, end, isStored, remove, control } = await openStage(['T1']);
  await end('T1', START);
  const working = new AsyncDisposableStack();
  await own('T1', working);
  expect(await remove('T1', START)).toBe('in use');
  expect([await isStored('T1'), await listEnded(control, START)]).toMatchObject([true, [{}]]);
  await working.disposeAsync();
  await expect.poll(() => remove('T1', START), { timeout: 60_000 }).toBe('deleted');
});

test('a death in the middle leaves it ended, to be deleted once more', async () => {
  const { place, control, own, end, isStored, remove } = await openStage(['T1']);
  await end('T1', START);
  const dying = removeWorkspace(control, { team: 'T1', endedBy: START }, async () => {
    if (place.kind === 'postgres') {
      await using begun = new AsyncDisposableStack();
      const db = await own('T1', begun);
      await db.deleteFrom('taxonomies').execute();
    } else {
      rmSync(fileOf(place.file, 'T1'));
      writeFileSync(`${fileOf(place.file, 'T1')}-wal`, '');
    }
    throw new Error('a power cut');
  });
  await expect(dying).rejects.toThrow('a power cut');
  expect(await listEnded(control, START)).toHaveLength(1);
  expect(await remove('T1', START)).toBe('deleted');
  expect([await isStored('T1'), await listEnded(control, START)]).toEqual([false, []]);
});

// A folder has one process.
test.runIf(onPostgres)(
  'one is deleted beside a newer version, which has changed the tables',
  async () => {
    const { place, end, isStored, remove } = await openStage(['T1']);
    if (place.kind !== 'postgres') throw new Error('it is a folder');
    await end('T1', START);
    const pool = createPool(place.url, { max: 1 });
    await pool.query(`insert into kysely_migration values ('9999-next', '2027-01-01T00:00:00Z')`);
    await pool.query('alter table messages add column next_number bigint not null default 0');
    await pool.end();
    expect(await remove('T1', START)).toBe('deleted');
    expect(await isStored('T1')).toBe(false);
  },
);

// A folder has one process.
test.runIf(onPostgres)('who installs it again meanwhile begins anew', async () => {
  const { place, control, install, end, own } = await openStage(['T1']);
  const [second, third] = [await startControl(place), await startControl(place)];
  await end('T1', START);
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: told, resolve: goOn } = Promise.withResolvers<void>();
  const removing = removeWorkspace(control, { team: 'T1', endedBy: START }, () => {
    begin();
    return told;
  });
  await begun;
  // Another process does not wait for it.
  const nothing = async () => {
    throw new Error('two delete it');
  };
  expect(await removeWorkspace(second, { team: 'T1', endedBy: START }, nothing)).toBe(false);
  let isInstalled = false;
  const installing = install('T1', third).then(() => {
    isInstalled = true;
  });
  expect(await isActive(second, 'T1')).toBe(false);
  expect(isInstalled).toBe(false);
  goOn();
  expect(await removing).toBe(true);
  await installing;
  expect(await isActive(second, 'T1')).toBe(true);
  await using working = new AsyncDisposableStack();
  await own('T1', working);
});

test('each is deleted when its time is over, also when one cannot be', async () => {
  const { place, control, lines, log, own, end, isStored } = await openStage(['T1', 'T2', 'T3']);
  for (const [team, days] of [
    ['T1', 0],
    ['T2', 1],
    ['T3', 3],
  ] as const) {
    await end(team, START + days * DAY);
  }
  const working = new AsyncDisposableStack();
  await own('T1', working);
  let now = START + 91 * DAY;
  const clock = { now: () => now, sleep: systemClock.sleep };
  const options = { control, database: place, keepMs: 90 * DAY, log, clock };
  const job = createEndedJob(options);
  const run = async () => {
    for (let next = now; next <= now; ) next = await job();
    return Promise.all(['T1', 'T2', 'T3'].map(isStored));
  };
  expect(await run()).toEqual([true, false, true]);
  await working.disposeAsync();
  expect(await run()).toEqual([true, false, true]);
  now += DAY;
  await expect.poll(run, { timeout: 60_000 }).toEqual([false, false, true]);
  now += DAY;
  expect(await run()).toEqual([false, false, false]);
  expect(lines.filter(({ msg }) => msg.includes('ended')).map(({ team }) => team)).toEqual([
    'T2',
    'T1',
    'T3',
  ]);
});

test.runIf(onPostgres)('several processes that do so at once do it once', async () => {
  const teams = Array.from({ length: 8 }, (_, n) => `T${n}`);
  const { place, lines, log, end, isStored } = await openStage(teams);
  for (const team of teams) await end(team, START);
  const replicas: ControlDb[] = [];
  for (let n = 0; n < 3; n++) replicas.push(await startControl(place));
  const clock = { now: () => START + 91 * DAY, sleep: systemClock.sleep };
  await Promise.all(
    replicas.map(async (control) => {
      const job = createEndedJob({ control, database: place, keepMs: 90 * DAY, log, clock });
      for (let next = clock.now(); next <= clock.now(); ) next = await job();
    }),
  );
  expect(await Promise.all(teams.map(isStored))).toEqual(teams.map(() => false));
  const done = lines.filter(({ msg }) => msg === 'a workspace that ended long ago is deleted');
  expect(done.map(({ team }) => team).sort()).toEqual(teams);
  expect(lines.filter(({ msg }) => msg.includes('could not'))).toEqual([]);
});
