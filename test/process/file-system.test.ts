import path from 'node:path';
import { expect, test } from 'vitest';
import { createFolder, mountTmpfs } from '../doctor/stage.ts';
import { openPlace } from './bot.ts';

/** File systems that cannot hold the database: the start says what it is, and what to do. */

test('without locks it is not taken for another Winnow that will stop', async () => {
  const place = await openPlace();
  const shim = path.join(import.meta.dirname, 'without-locks.ts');
  const bot = place.start({ NODE_OPTIONS: `--import=${shim}`, TAKE_OVER_SECONDS: '3600' });
  const { code, said } = await bot.ended;
  expect(code).toBe(1);
  expect(said).toMatch(
    /^DATABASE_URL: The file system of \S+ has no locks \(SQLITE_BUSY\)\. Put the database on a local disk/,
  );
});

test('a folder that cannot be written', async () => {
  const place = await openPlace();
  const folder = createFolder();
  const database = mountTmpfs(folder, 'ro') ? `${folder}/winnow.db` : '/proc/winnow.db';
  const { code, said } = await place.start({ DATABASE_URL: `sqlite:${database}` }).ended;
  expect(code).toBe(1);
  expect(said).toMatch(/^DATABASE_URL: \S+ cannot be written \(\w+\)\. Give the user that runs/);
});

test('a full disk', async ({ skip }) => {
  const place = await openPlace();
  const folder = createFolder();
  skip(!mountTmpfs(folder, 'size=64k'), 'only root can mount a small disk');
  const { code, said } = await place.start({ DATABASE_URL: `sqlite:${folder}/winnow.db` }).ended;
  expect(code).toBe(1);
  expect(said).toMatch(/^DATABASE_URL: The disk of \S+ is full \(SQLITE_FULL\)\. Make room on it/);
});
