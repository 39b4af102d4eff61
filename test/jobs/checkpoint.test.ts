import { copyFileSync, statSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { startWith } from '../harness.ts';

/** What the write-ahead log holds is written into the database, so that its file alone is enough. */

const LARGE = 'the write-ahead log cannot shrink: something keeps the database open for reading';

async function startOnDisk(texts: string[]) {
  const stage = await startWith(texts, { onDisk: true });
  const file = path.join(stage.directory ?? '', 'winnow.db');
  const walBytes = () => statSync(`${file}-wal`).size;
  const warnings = () => stage.logs.filter(({ message }) => message === LARGE);
  const aMinute = async () => {
    stage.clock.jump(60_000);
    await stage.step();
  };
  return { stage, file, walBytes, warnings, aMinute };
}

test('a run that has ended is in the file of the database, without its log', async () => {
  const { stage, file } = await startOnDisk(['The export crashes']);
  await stage.type();
  await stage.settle();
  const copy = path.join(stage.directory ?? '', 'copy.db');
  copyFileSync(file, copy);
  const db = new Sqlite(copy, { readonly: true });
  expect(db.prepare('select stage from runs').pluck().all()).toEqual(['done']);
  expect(db.prepare('select count(*) from verdicts').pluck().get()).toBe(1);
  db.close();
});

test('what comes between runs is there within a minute', async () => {
  const { stage, walBytes, aMinute } = await startOnDisk([]);
  const { slack, channel, user } = stage;
  await aMinute();
  slack.post({ channel, user, text: 'The export crashes' });
  await slack.idle();
  expect(walBytes()).toBeGreaterThan(0);
  await aMinute();
  expect(walBytes()).toBe(0);
});

test('a reader that lets the log grow is warned of once, with its size; once it has gone, the log shrinks', async () => {
  const { stage, file, walBytes, warnings, aMinute } = await startOnDisk([]);
  const { db } = stage.context;
  const write = async (megabytes: number) => {
    for (let n = 0; n < megabytes; n++) {
      await sql`insert into taxonomies (content, created_at)
        values (${'x'.repeat(1_000_000)} || random(), 1)`.execute(db);
    }
  };
  await aMinute();
  const reader = new Sqlite(file, { readonly: true });
  reader.exec('begin');
  reader.prepare('select count(*) from taxonomies').get();
  await write(20);
  await aMinute();
  expect(warnings()).toEqual([]);
  await write(45);
  await aMinute();
  await aMinute();
  expect(warnings()).toEqual([
    expect.objectContaining({ level: 'warn', megabytes: Math.round(walBytes() / 1e6) }),
  ]);
  expect(walBytes()).toBeGreaterThan(65_000_000);

  reader.close();
  await aMinute();
  expect(walBytes()).toBe(0);
  expect(stage.logs.at(-1)).toMatchObject({ message: 'the write-ahead log has shrunk again' });
  // The next one that stays is another matter.
  const next = new Sqlite(file, { readonly: true });
  next.exec('begin');
  next.prepare('select count(*) from taxonomies').get();
  await write(65);
  await aMinute();
  expect(warnings()).toHaveLength(2);
  next.close();
});
