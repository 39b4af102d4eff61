import path from 'node:path';
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
  await moveWorkspace(from, to, () => {});
  await Promise.all([from.destroy(), to.destroy()]);
  await expect(openWorkspaceFile(moved, 'T2')).rejects.toThrow('belongs to the workspace T1');
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
