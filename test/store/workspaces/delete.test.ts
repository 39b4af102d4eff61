import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lockDatabase } from '../../../src/store/db/lock.ts';
import { openDatabase } from '../../../src/store/db/open.ts';
import { deleteWorkspaceFiles, removeWorkspace } from '../../../src/store/workspaces/delete.ts';
import { listWaiting, putEnvelope } from '../../../src/store/workspaces/inbox.ts';
import {
  endInstallation,
  findInstallation,
  saveInstallation,
} from '../../../src/store/workspaces/installations.ts';
import type { ControlDb } from '../../../src/store/workspaces/tables.ts';
import {
  endWorkspace,
  findWorkspace,
  setAnthropicKey,
} from '../../../src/store/workspaces/workspaces.ts';
import { onPostgres } from '../../postgres/fresh-workspace.ts';
import { added, createPlace, installationOf, START, sealer, startControl } from './stage.ts';

/** What is left of a workspace that is deleted. For the rows in PostgreSQL see test/postgres/delete.test.ts. */

function createFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'winnow-delete-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('the files of a workspace', () => {
  test('are removed, and those of others stay', async () => {
    const folder = createFolder();
    const [file, other] = [path.join(folder, 'T1.db'), path.join(folder, 'T10.db')];
    for (const one of [file, other]) {
      lockDatabase(one)();
      await (await openDatabase(one)).destroy();
    }
    const copies = ['.at-0029-unread', '.restoring'];
    const logs = [...copies, ''].flatMap((copy) => [
      `${copy}-wal`,
      `${copy}-shm`,
      `${copy}-journal`,
    ]);
    for (const end of [...copies, ...logs, '-export', '-lock-journal']) {
      for (const one of [file, other]) writeFileSync(`${one}${end}`, '');
    }
    for (const own of ['.before-20261130T092000Z', '.old', '.at-home', '-wal.txt'])
      writeFileSync(`${file}${own}`, '');
    const others = readdirSync(folder).filter((name) => name.startsWith('T10.db'));
    expect(others).toHaveLength(15);
    deleteWorkspaceFiles(file);
    expect(readdirSync(folder).sort()).toEqual(
      [
        ...others,
        ...['T1.db-wal.txt', 'T1.db.at-home', 'T1.db.before-20261130T092000Z', 'T1.db.old'],
      ].sort(),
    );
    await (await openDatabase(other)).destroy();
  });

  test('stay while somebody works on them', async () => {
    const folder = createFolder();
    const file = path.join(folder, 'T1.db');
    const unlock = lockDatabase(file);
    await (await openDatabase(file)).destroy();
    const before = readdirSync(folder);
    expect(() => deleteWorkspaceFiles(file)).toThrow(/another Winnow is running on/);
    expect(readdirSync(folder)).toEqual(before);
    unlock();
    deleteWorkspaceFiles(file);
    deleteWorkspaceFiles(file);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the control database', () => {
  const put = (db: ControlDb, team: string) =>
    putEnvelope(db, { id: team, team, receivedAt: START, expiresAt: null, content: {} });
  const countWaiting = async (db: ControlDb, team: string) =>
    (await listWaiting(db, team, { now: START, limit: 9 })).length;
  const listInstallations = async (db: ControlDb) =>
    (await db.selectFrom('installations').select('id').orderBy('id').execute()).map(({ id }) => id);
  const end = (db: ControlDb, id: string) =>
    endInstallation(db, id, { why: 'app_uninstalled', at: START + 1 });
  const remove = (db: ControlDb, team: string, endedBy = START + 1) =>
    removeWorkspace(db, { team, endedBy }, async () => {});

  test('forgets a workspace that has ended, with its key and what waits for it', async () => {
    const db = await startControl();
    for (const team of ['T1', 'T2']) {
      await saveInstallation(db, sealer, installationOf(team), [added(team)]);
      await setAnthropicKey(db, sealer, team, `sk-ant-${team}`);
      await put(db, team);
    }
    expect(await remove(db, 'T1')).toBe(false);
    await end(db, 'T1');
    expect(await remove(db, 'T1', START)).toBe(false);
    expect(await remove(db, 'T1')).toBe(true);
    expect(await remove(db, 'T1')).toBe(false);
    expect(await findWorkspace(db, sealer, 'T1')).toBeUndefined();
    expect(await countWaiting(db, 'T1')).toBe(0);
    expect(await listInstallations(db)).toEqual(['T2']);
    expect(await findWorkspace(db, sealer, 'T2')).toMatchObject({ anthropicKey: 'sk-ant-T2' });
    expect(await countWaiting(db, 'T2')).toBe(1);
  });

  test('keeps nothing that waits for a workspace which has ended', async () => {
    const db = await startControl();
    await saveInstallation(db, sealer, installationOf('E1'), [added('T1'), added('T2')]);
    await saveInstallation(db, sealer, installationOf('T3'), [added('T3')]);
    const teams = ['T1', 'T2', 'T3'];
    for (const team of teams) await put(db, team);
    const count = () => Promise.all(teams.map((team) => countWaiting(db, team)));
    expect(await endWorkspace(db, 'T1', START - 1)).toBe(false);
    expect(await count()).toEqual([1, 1, 1]);
    await endWorkspace(db, 'T1', START);
    expect(await count()).toEqual([0, 1, 1]);
    await end(db, 'E1');
    expect(await count()).toEqual([0, 0, 1]);
  });

  test('keeps one that came back', async () => {
    const db = await startControl();
    const save = () => saveInstallation(db, sealer, installationOf('T1'), [added('T1')]);
    await save();
    await setAnthropicKey(db, sealer, 'T1', 'sk-ant-1');
    await end(db, 'T1');
    await save();
    await put(db, 'T1');
    expect(await remove(db, 'T1')).toBe(false);
    expect(await findWorkspace(db, sealer, 'T1')).toMatchObject({ anthropicKey: 'sk-ant-1' });
    expect(await findInstallation(db, sealer, 'T1')).toBeDefined();
    expect(await countWaiting(db, 'T1')).toBe(1);
  });

  // A file has one process, and so one transaction at a time.
  test.runIf(onPostgres)(
    'holds together when a workspace comes back while it is removed',
    async () => {
      const place = await createPlace();
      const all = [await startControl(place), await startControl(place), await startControl(place)];
      const [first, second, third] = all as [ControlDb, ControlDb, ControlDb];
      const save = (db: ControlDb) =>
        saveInstallation(db, sealer, installationOf('T1'), [added('T1')]);
      await save(first);
      for (let round = 0; round < 40; round++) {
        await end(first, 'T1');
        await Promise.all([save(first), remove(second, 'T1'), remove(third, 'T1')]);
        expect(await findInstallation(first, sealer, 'T1')).toBeDefined();
        expect(await findWorkspace(first, sealer, 'T1')).toMatchObject({ endedAt: null });
      }
    },
  );

  test('keeps the installation of an org until it has ended in all of its workspaces', async () => {
    const db = await startControl();
    await saveInstallation(db, sealer, installationOf('E1'), [added('T1'), added('T2')]);
    await endWorkspace(db, 'T1', START);
    expect(await remove(db, 'T1')).toBe(true);
    expect(await findInstallation(db, sealer, 'E1')).toBeDefined();
    await end(db, 'E1');
    expect(await listInstallations(db)).toEqual(['E1']);
    expect(await remove(db, 'T2')).toBe(true);
    expect(await listInstallations(db)).toEqual([]);
  });
});
