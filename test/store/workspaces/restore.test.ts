import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { lockDatabase } from '../../../src/store/db/lock.ts';
import { openDatabase } from '../../../src/store/db/open.ts';
import { isRestored } from '../../../src/store/db/restore.ts';
import { backUpFolder } from '../../../src/store/workspaces/backup.ts';
import { listEnded } from '../../../src/store/workspaces/delete-ended.ts';
import { controlIn, fileOf } from '../../../src/store/workspaces/files.ts';
import { endInstallation } from '../../../src/store/workspaces/installations.ts';
import { openControl } from '../../../src/store/workspaces/open.ts';
import { restoreFolder, restoreWorkspace } from '../../../src/store/workspaces/restore.ts';
import type { ControlDb } from '../../../src/store/workspaces/tables.ts';
import { contentOf, createDirectory, knownIn, makeFolder } from './folder.ts';
import { START } from './stage.ts';

/** A copy that is put in the place of the folder of a bot of many workspaces. */

const DAY = 86_400_000;
const BEFORE = '.before-20261130T090000Z';

/** A copy of T1 and T2, and what has become of them since: T3 came. */
async function open() {
  const directory = createDirectory();
  const [folder, copy] = [path.join(directory, 'workspaces'), path.join(directory, 'copy')];
  const first = path.join(directory, 'first');
  await makeFolder(first, { T1: 'copied one', T2: 'copied two' });
  await backUpFolder(first, copy);
  await makeFolder(folder, { T1: 'one', T2: 'two', T3: 'three' });
  const contents = () => ['T1', 'T2', 'T3'].map((team) => contentOf(folder, team));
  return { folder, copy, contents };
}

const listDatabases = (folder: string) =>
  readdirSync(folder)
    .filter((name) => !/-(?:lock|wal|shm)/.test(name))
    .sort();

async function isMarked(file: string): Promise<boolean> {
  const db = await openDatabase(file);
  try {
    return await isRestored(db);
  } finally {
    await db.destroy();
  }
}

test('everything is put back, and what was there before is kept aside', async () => {
  const { folder, copy, contents } = await open();
  expect(restoreFolder(copy, folder, START)).toEqual({
    ...{ workspaces: 2, before: BEFORE },
    unknown: ['T3'],
  });
  expect(contents()).toEqual(['copied one', 'copied two', 'three']);
  expect(knownIn(folder)).toBe('T1,T2');
  expect(listDatabases(folder)).toEqual(
    ['T1.db', 'T2.db', 'control.db']
      .flatMap((name) => [name, `${name}${BEFORE}`])
      .concat('T3.db')
      .sort(),
  );
  expect(contentOf(folder, 'T2')).toBe('copied two');
  for (const team of ['T1', 'T2']) expect(await isMarked(fileOf(folder, team))).toBe(true);
  expect(await isMarked(fileOf(folder, 'T3'))).toBe(false);
  // Once more, in the same second: what is aside stays.
  expect(restoreFolder(copy, folder, START).before).toBe('.before-20261130T090001Z');
});

test('a workspace that had ended in the copy ends anew: it may have come back since', async () => {
  const { folder, copy } = await open();
  const change = async (file: string, work: (db: ControlDb) => Promise<unknown>) => {
    const db = await openControl({ kind: 'sqlite', file });
    await work(db).finally(() => db.destroy());
  };
  const end = { why: 'app_uninstalled', at: START };
  await change(controlIn(copy), (db) => endInstallation(db, 'T2', end));
  const now = START + 90 * DAY;
  restoreFolder(copy, folder, now);
  await change(controlIn(folder), async (db) => {
    expect(await listEnded(db, now + DAY)).toEqual([{ team: 'T2', endedAt: now }]);
  });
});

test('one workspace is put back alone', async () => {
  const { folder, copy, contents } = await open();
  const one = { team: 'T2', now: START };
  expect(restoreWorkspace(copy, folder, one)).toBe(`${fileOf(folder, 'T2')}${BEFORE}`);
  expect(contents()).toEqual(['one', 'copied two', 'three']);
  expect(knownIn(folder)).toBe('T1,T2,T3');
  expect(() => restoreWorkspace(copy, folder, { team: 'T3', now: START })).toThrow(/no T3\.db/);
});

test('nothing is changed while the bot, or something else, works on one of the files', async () => {
  const { folder, copy, contents } = await open();
  const databases = listDatabases(folder);
  for (const file of [controlIn(folder), fileOf(folder, 'T2')]) {
    const unlock = lockDatabase(file);
    expect(() => restoreFolder(copy, folder, START)).toThrow(
      `Winnow is running on ${file}: stop it first`,
    );
    unlock();
  }
  const unlock = lockDatabase(fileOf(folder, 'T2'));
  expect(() => restoreWorkspace(copy, folder, { team: 'T2', now: START })).toThrow(/T2\.db: stop/);
  restoreWorkspace(copy, folder, { team: 'T1', now: START });
  unlock();
  expect(contents()).toEqual(['copied one', 'two', 'three']);
  expect(listDatabases(folder)).toEqual([...databases, `T1.db${BEFORE}`].sort());
});

test('nothing is changed when a part of the copy is no good', async () => {
  const { folder, copy, contents } = await open();
  const databases = listDatabases(folder);
  writeFileSync(fileOf(copy, 'T2'), 'These are my notes. '.repeat(500));
  expect(() => restoreFolder(copy, folder, START)).toThrow(/T2\.db: it is no database/);
  expect(contents()).toEqual(['one', 'two', 'three']);
  expect(listDatabases(folder)).toEqual(databases);
});

test('a copy that was not finished is none', async () => {
  const { folder, contents, copy } = await open();
  const copying = backUpFolder(folder, `${copy}-2`);
  expect(() => restoreFolder(`${copy}-2.unfinished`, folder, START)).toThrow(
    /it has no control\.db/,
  );
  await copying;
  for (const [given, words] of [
    [`${copy}-3`, 'it is not there'],
    [fileOf(copy, 'T1'), 'it is a file: name a folder'],
    [folder, 'it is the database itself'],
  ] as const) {
    expect(() => restoreFolder(given, folder, START)).toThrow(words);
  }
  expect(contents()).toEqual(['one', 'two', 'three']);
});

test('into a folder that is gone', async () => {
  const { folder, copy } = await open();
  const gone = `${folder}-2`;
  expect(existsSync(gone)).toBe(false);
  restoreFolder(copy, gone, START);
  expect([knownIn(gone), contentOf(gone, 'T1')]).toEqual(['T1,T2', 'copied one']);
});
