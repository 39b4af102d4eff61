import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { openWorkspaceFile } from '../../../src/store/db/open.ts';
import { backUpFolder, backUpFolderAndKeep } from '../../../src/store/workspaces/backup.ts';
import { deleteWorkspaceFiles } from '../../../src/store/workspaces/delete.ts';
import { controlIn, fileOf } from '../../../src/store/workspaces/files.ts';
import { restoreFolder } from '../../../src/store/workspaces/restore.ts';
import { contentOf, createDirectory, knownIn, makeFolder } from './folder.ts';
import { START } from './stage.ts';

/** Copies of the folder of a bot of many workspaces. */

async function open(contents: Record<string, string> = { T1: 'one', T2: 'two', T3: 'three' }) {
  const directory = createDirectory();
  const source = path.join(directory, 'workspaces');
  await makeFolder(source, contents);
  return { directory, source, copy: path.join(directory, 'copy') };
}

const WHOLE = ['T1.db', 'T2.db', 'T3.db', 'control.db'];

/** Begins a copy, and waits until it has a file with this name. @returns the end of it */
async function copyUntil(source: string, copy: string, name: string) {
  let isOver = false;
  const copying = backUpFolder(source, copy).finally(() => {
    isOver = true;
  });
  while (!isOver && !existsSync(path.join(`${copy}.unfinished`, name))) await setImmediate();
  expect(isOver).toBe(false);
  return { copying };
}

test('a copy has the control database and every workspace, while they are written to', async () => {
  const { source, copy, directory } = await open();
  const writer = new Sqlite(fileOf(source, 'T2'));
  onTestFinished(() => void writer.close());
  const add = writer.prepare('insert into taxonomies (content, created_at) values (?, 1)');
  let isCopied = false;
  const copying = backUpFolder(source, copy).finally(() => {
    isCopied = true;
  });
  for (let writes = 0; writes < 500 && !isCopied; writes++) {
    add.run(`written meanwhile ${writes}`);
    await setImmediate();
  }
  expect(await copying).toEqual({ workspaces: 3, leftOut: [] });
  expect(readdirSync(copy).sort()).toEqual(WHOLE);
  expect(knownIn(copy)).toBe('T1,T2,T3');
  expect(['T1', 'T2', 'T3'].map((team) => contentOf(copy, team))).toEqual(['one', 'two', 'three']);
  expect(readdirSync(directory).sort()).toEqual(['copy', 'workspaces']);
});

test('no copy has an installation whose rows are missing; until it is whole, it has none at all', async () => {
  const { source, copy } = await open();
  const { copying } = await copyUntil(source, copy, 'T1.db');
  expect(readdirSync(`${copy}.unfinished`)).not.toContain('control.db');
  expect(existsSync(copy)).toBe(false);
  const control = new Sqlite(controlIn(source));
  control.exec(`update workspaces set team = 'T4' where team = 'T3'`);
  control.close();
  await copying;
  expect(knownIn(copy)).toBe('T1,T2,T3');
});

test('a workspace that is deleted before or while it is copied is not in the copy', async () => {
  const { source, copy } = await open();
  const { copying } = await copyUntil(source, copy, 'T2.db.unfinished');
  for (const team of ['T2', 'T3']) deleteWorkspaceFiles(fileOf(source, team));
  expect(await copying).toEqual({ workspaces: 1, leftOut: [] });
  expect(readdirSync(copy).sort()).toEqual(['T1.db', 'control.db']);
});

test('one that has no tables yet is not in the copy', async () => {
  const { source, copy } = await open();
  writeFileSync(fileOf(source, 'T2'), '');
  const made = new Sqlite(fileOf(source, 'T4'));
  made.pragma('journal_mode = WAL');
  expect(await backUpFolder(source, copy)).toEqual({ workspaces: 2, leftOut: [] });
  made.close();
  expect(readdirSync(copy).sort()).toEqual(['T1.db', 'T3.db', 'control.db']);
});

test('a workspace that cannot be read is named; the others are copied', async () => {
  const { source, copy, directory } = await open();
  const whole = readFileSync(fileOf(source, 'T2'));
  const damaged = Buffer.from(whole);
  damaged.fill(0xaa, 8 * 4096, 60 * 4096);
  for (const [content, words] of [
    [damaged, /T2\.db: database disk image is malformed/],
    [Buffer.from('These are my notes. '.repeat(500)), /T2\.db: file is not a database/],
  ] as const) {
    writeFileSync(fileOf(source, 'T2'), content);
    expect(await backUpFolder(source, copy)).toEqual({
      workspaces: 2,
      leftOut: [expect.stringMatching(words)],
    });
    expect(readdirSync(copy).sort()).toEqual(['T1.db', 'T3.db', 'control.db']);
    expect(readdirSync(directory).sort()).toEqual(['copy', 'workspaces']);
    rmSync(copy, { recursive: true });
  }
});

test('a file that belongs to another workspace is named; a copy of the others can be restored', async () => {
  const { source, copy } = await open({ T1: 'one', T2: 'two' });
  await (await openWorkspaceFile(fileOf(source, 'T1'), 'T1')).destroy();
  copyFileSync(fileOf(source, 'T1'), fileOf(source, 'T2'));
  expect(await backUpFolder(source, copy)).toEqual({
    workspaces: 1,
    leftOut: [
      expect.stringMatching(/T2\.db cannot be used: it belongs to the workspace T1, not to T2$/),
    ],
  });
  expect(restoreFolder(copy, source, START)).toMatchObject({ workspaces: 1 });
});

test('an empty folder may be there; one with something in it stays as it is', async () => {
  const { source, copy, directory } = await open();
  mkdirSync(path.join(copy, '.unfinished'), { recursive: true });
  const { ino } = statSync(copy);
  await backUpFolder(source, `${copy}/`);
  // A mount point could not be replaced.
  expect(statSync(copy).ino).toBe(ino);
  expect(readdirSync(copy).sort()).toEqual(WHOLE);
  await expect(backUpFolder(source, copy)).rejects.toThrow(/there is something in it/);
  await expect(backUpFolder(source, source)).rejects.toThrow('it is the database itself');
  await expect(backUpFolder(directory, copy)).rejects.toThrow(/control\.db is not there/);
  expect(readdirSync(copy).sort()).toEqual(WHOLE);
});

test('the newest copies are kept, with what is not theirs; older ones go, also unfinished', async () => {
  const { source, directory } = await open({ T1: 'one' });
  const folder = path.join(directory, 'backups');
  const others = ['notes', 'workspaces-before-the-move', 'other-20250101T040000Z'];
  const old = ['20260101', '20260102', '20260103'].map((day) => `workspaces-${day}T040000Z`);
  const unfinished = ['20251231', '20270101'].map((day) => `workspaces-${day}T040000Z.unfinished`);
  for (const name of [...others, ...old, ...unfinished]) {
    mkdirSync(path.join(folder, name), { recursive: true });
    writeFileSync(path.join(folder, name, 'control.db'), '');
  }
  const { copy, workspaces } = await backUpFolderAndKeep(source, folder, { keep: 2, now: START });
  expect([path.basename(copy), workspaces]).toEqual(['workspaces-20261130T090000Z', 1]);
  expect(readdirSync(folder).sort()).toEqual(
    [...others, old[2], path.basename(copy), unfinished[1]].sort(),
  );
  writeFileSync(fileOf(source, 'T1'), 'These are my notes. '.repeat(500));
  const next = await backUpFolderAndKeep(source, folder, { keep: 1, now: START + 1000 });
  expect(next).toMatchObject({ workspaces: 0, leftOut: [expect.stringMatching(/T1\.db/)] });
  expect(readdirSync(folder)).toEqual(expect.arrayContaining([old[2], path.basename(copy)]));
});
