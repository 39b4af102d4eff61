import { readFileSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { moveWorkspace } from '../../../src/store/db/move-workspace.ts';
import { openDatabase, openWorkspaceFile } from '../../../src/store/db/open.ts';
import { restoreDatabase } from '../../../src/store/db/restore.ts';
import { START } from '../scene.ts';
import { createDirectory } from '../workspaces/folder.ts';

/** The file of a workspace says whose it is. */

/** @returns the file of T1, which has a row */
async function makeFile(): Promise<string> {
  const file = path.join(createDirectory(), 'T1.db');
  const db = await openWorkspaceFile(file, 'T1');
  await db.insertInto('taxonomies').values({ content: 'of T1', created_at: 1 }).execute();
  await db.destroy();
  return file;
}

test('it is opened again by the same workspace, and by no other one', async () => {
  const file = await makeFile();
  await expect(openWorkspaceFile(file, 'T2')).rejects.toThrow(
    'it belongs to the workspace T1, not to T2',
  );
  const db = await openWorkspaceFile(file, 'T1');
  expect(await db.selectFrom('workspace').selectAll().execute()).toEqual([{ team: 'T1' }]);
  await db.destroy();
});

test('one of an older version belongs to whoever opens it first', async () => {
  const file = path.join(createDirectory(), 'winnow.db');
  await (await openDatabase(file)).destroy();
  await (await openWorkspaceFile(file, 'T2')).destroy();
  await expect(openWorkspaceFile(file, 'T1')).rejects.toThrow('belongs to the workspace T2');
});

test('a moved copy belongs to the same workspace', async () => {
  const file = await makeFile();
  const moved = path.join(path.dirname(file), 'moved.db');
  const [from, to] = [await openDatabase(file), await openDatabase(moved)];
  await moveWorkspace(from, to, { team: 'T1', onTable() {} });
  await Promise.all([from.destroy(), to.destroy()]);
  await expect(openWorkspaceFile(moved, 'T2')).rejects.toThrow('belongs to the workspace T1');
});

test('a file that rows cannot be moved into belongs to whom it belonged before', async () => {
  const file = await makeFile();
  const beside = (name: string) => path.join(path.dirname(file), name);
  const [from, empty, to] = await Promise.all(
    [file, beside('empty'), beside('to')].map((one) => openDatabase(one)),
  );
  if (!from || !empty || !to) throw new Error('there are three');
  const nothing = moveWorkspace(empty, to, { team: 'T2', onTable() {} });
  await expect(nothing).rejects.toThrow('there is nothing of this workspace');
  await moveWorkspace(from, to, { team: 'T1', onTable() {} });
  await to.deleteFrom('taxonomies').execute();
  const another = moveWorkspace(from, to, { team: 'T2', onTable() {} });
  await expect(another).rejects.toThrow('it belongs to the workspace T1, not to T2');
  await Promise.all([from, empty, to].map((db) => db.destroy()));
});

test('the file of another workspace is not changed, also not brought up to date', async () => {
  const file = await makeFile();
  const old = new Sqlite(file);
  old.exec('drop table taxonomies; delete from kysely_migration; pragma journal_mode = delete');
  old.close();
  const before = readFileSync(file);
  await expect(openWorkspaceFile(file, 'T2')).rejects.toThrow('belongs to the workspace T1');
  expect(readFileSync(file).equals(before)).toBe(true);
});

test('a copy is not put in the place of the file of another workspace', async () => {
  const file = await makeFile();
  const other = path.join(path.dirname(file), 'T2.db');
  await (await openWorkspaceFile(other, 'T2')).destroy();
  expect(() => restoreDatabase(file, other, { now: START, team: 'T2' })).toThrow(
    'it belongs to the workspace T1, not to T2',
  );
  await (await openWorkspaceFile(other, 'T2')).destroy();
});
