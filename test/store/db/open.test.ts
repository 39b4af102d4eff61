import { copyFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { sql } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DEFAULT_TAXONOMY } from '../../../src/core/runs/taxonomy.ts';
import { openDatabase, openReadOnly } from '../../../src/store/db/open.ts';
import { rewriteDatabase } from '../../../src/store/db/seal.ts';
import type { Db } from '../../../src/store/db/tables.ts';
import { readTaxonomy, saveTaxonomy } from '../../../src/store/runs/taxonomies.ts';
import { CHANNEL, START, startScene } from '../scene.ts';

function createFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'winnow-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const listTables = async (db: Db) => (await db.introspection.getTables()).map(({ name }) => name);

test('a fresh file gets its tables, also in a folder that is not there yet', async () => {
  const file = path.join(createFolder(), 'new/data/winnow.db');
  const db = await openDatabase(file);
  expect(await listTables(db)).toEqual(
    expect.arrayContaining(['channels', 'messages', 'verdicts', 'outbox', 'schedules']),
  );
  await db.destroy();
});

test('a file opened again keeps its tables and all that is in them', async () => {
  const file = path.join(createFolder(), 'winnow.db');
  const first = await openDatabase(file);
  const version = await saveTaxonomy(first, DEFAULT_TAXONOMY, START);
  const tables = await listTables(first);
  await first.destroy();

  const second = await openDatabase(file);
  expect(await listTables(second)).toEqual(tables);
  expect(await readTaxonomy(second, version)).toEqual(DEFAULT_TAXONOMY);
  await second.destroy();
});

test('a file that is no database is said to be none, and left as it is', async () => {
  const file = path.join(createFolder(), 'notes.txt');
  writeFileSync(file, 'These are my notes, and by no means a database.'.repeat(50));
  await expect(openDatabase(file)).rejects.toThrow(/not a database/);
});

test('a migration that breaks off half-way leaves nothing behind that would stop the next start', async () => {
  const file = path.join(createFolder(), 'winnow.db');
  // The last table of the first migration is in the way: it fails when most of it is done.
  const inTheWay = new Sqlite(file);
  inTheWay.exec('create view schedules as select 1');
  await expect(openDatabase(file)).rejects.toThrow(/schedules"? already exists/);
  inTheWay.exec('drop view schedules');
  inTheWay.close();

  const db = await openDatabase(file);
  expect(await listTables(db)).toEqual(expect.arrayContaining(['channels', 'schedules']));
  await db.destroy();
});

test('a power cut loses nothing that was committed, and no row refers to nothing', async () => {
  const db = await openDatabase(path.join(createFolder(), 'winnow.db'));
  const pragma = async (name: string) => {
    const { rows } = await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(db);
    return Object.values(rows[0] ?? {})[0];
  };
  expect([
    await pragma('journal_mode'),
    await pragma('synchronous'),
    await pragma('foreign_keys'),
  ]).toEqual(['wal', 2, 1]);
  await db.destroy();
});

test('the tables are in the file itself as soon as it is open: a copy without its log has them', async () => {
  const folder = createFolder();
  const file = path.join(folder, 'winnow.db');
  const db = await openDatabase(file);
  copyFileSync(file, path.join(folder, 'copy.db'));
  const copy = openReadOnly(path.join(folder, 'copy.db'));
  expect(await listTables(copy)).toEqual(await listTables(db));
  await copy.destroy();
  await db.destroy();
});

test('what fails in a transaction leaves no trace', async () => {
  const scene = await startScene();
  const failing = scene.commit(async (tx) => {
    await tx.updateTable('channels').set({ name: 'half done' }).execute();
    throw new Error('power cut');
  });
  await expect(failing).rejects.toThrow('power cut');
  const { name } = await scene.db
    .selectFrom('channels')
    .select('name')
    .where('id', '=', CHANNEL)
    .executeTakeFirstOrThrow();
  expect(name).toBeNull();
});

test('a taxonomy has one version for each content, and every version stays readable', async () => {
  const { db } = await startScene();
  const other = { ...DEFAULT_TAXONOMY, flagged_when: [] };
  const versions = [];
  for (const taxonomy of [DEFAULT_TAXONOMY, other, DEFAULT_TAXONOMY, other]) {
    versions.push(await saveTaxonomy(db, taxonomy, START));
  }
  expect(versions).toEqual([1, 2, 1, 2]);
  expect(await readTaxonomy(db, 1)).toEqual(DEFAULT_TAXONOMY);
  expect(await readTaxonomy(db, 2)).toEqual(other);
});

test('a WAL that an open reader let grow shrinks once the reader is gone', async () => {
  const file = path.join(createFolder(), 'winnow.db');
  const db = await openDatabase(file);
  let written = 0;
  const write = (characters: number) =>
    sql`insert into taxonomies (content, created_at) values (${'x'.repeat(characters)} || ${written++}, 1)`.execute(
      db,
    );
  await write(10);
  const reader = new Sqlite(file, { readonly: true });
  reader.exec('begin');
  reader.prepare('select count(*) from taxonomies').get();
  for (let n = 0; n < 12; n++) await write(1_000_000);
  const walBytes = () => statSync(`${file}-wal`).size;
  expect(walBytes()).toBeGreaterThan(11_000_000);
  reader.close();
  for (let n = 0; n < 3; n++) await write(10);
  expect(walBytes()).toBeLessThan(5_000_000);
  await db.destroy();
});

describe('before a new version changes the tables', () => {
  /** A database as an older version left it: without the last changes. */
  async function leaveOld(file: string, changes: number): Promise<void> {
    const db = await openDatabase(file);
    await saveTaxonomy(db, DEFAULT_TAXONOMY, START);
    await db.destroy();
    const old = new Sqlite(file);
    old.exec(`delete from kysely_migration where name in
      (select name from kysely_migration order by name desc limit ${changes})`);
    old.close();
  }
  const copiesIn = (folder: string) =>
    readdirSync(folder).filter((name) => name.startsWith('winnow.db.at-'));

  test('a copy of the database is made, with all that was in it', async () => {
    const folder = createFolder();
    const file = path.join(folder, 'winnow.db');
    await leaveOld(file, 1);
    // The tables have that change already, so it fails: the copy is there all the same.
    await expect(openDatabase(file)).rejects.toThrow();
    const [copy = '', ...others] = copiesIn(folder);
    expect(others).toEqual([]);
    const kept = new Sqlite(path.join(folder, copy), { readonly: true });
    expect(kept.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(kept.prepare('select count(*) from taxonomies').pluck().get()).toBe(1);
    const last = kept.prepare('select max(name) from kysely_migration').pluck().get();
    expect(copy).toBe(`winnow.db.at-${last}`);
    kept.close();
  });

  test('the last two copies are kept, and other files beside them', async () => {
    const folder = createFolder();
    const file = path.join(folder, 'winnow.db');
    await leaveOld(file, 1);
    for (const name of ['0001-first-tables', '0002-people-act', 'monday']) {
      writeFileSync(`${file}.at-${name}`, '');
    }
    await expect(openDatabase(file)).rejects.toThrow();
    const copies = copiesIn(folder).sort();
    expect(copies).toHaveLength(3);
    expect(copies[0]).toBe('winnow.db.at-0002-people-act');
    expect(copies[2]).toBe('winnow.db.at-monday');
  });

  test('a new database, and one that is up to date, need none', async () => {
    const folder = createFolder();
    const file = path.join(folder, 'winnow.db');
    for (let start = 0; start < 2; start++) await (await openDatabase(file)).destroy();
    expect(copiesIn(folder)).toEqual([]);
  });

  test('what is to be forgotten is not left in a copy', async () => {
    const folder = createFolder();
    const file = path.join(folder, 'winnow.db');
    const db = await openDatabase(file);
    writeFileSync(`${file}.at-0001-first-tables`, 'the text');
    expect(await rewriteDatabase(db)).toBeUndefined();
    expect(copiesIn(folder)).toEqual([]);
    await db.destroy();
  });
});
