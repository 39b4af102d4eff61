import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../../src/store/db/open.ts';
import { emptyLog, rewriteDatabase } from '../../../src/store/db/seal.ts';
import { bytesIn } from '../../privacy/stage.ts';

/** What is left in the files of a database of what was deleted from it. */

async function open() {
  const directory = mkdtempSync(path.join(tmpdir(), 'winnow-seal-'));
  const file = path.join(directory, 'winnow.db');
  const db = await openDatabase(file);
  onTestFinished(async () => {
    await db.destroy();
    rmSync(directory, { recursive: true });
  });
  await sql`create table kept (ts text primary key, words text)`.execute(db);
  const countLeft = () => bytesIn(directory).split('SECRET').length - 1;
  const write = (ts: string, words: string) =>
    sql`insert or replace into kept values (${ts}, ${words})`.execute(db);
  return { db, file, write, countLeft };
}

const checkpoint = 'pragma wal_checkpoint(truncate)';

test('what is replaced is overwritten in the file at once', async () => {
  const { db, write, countLeft } = await open();
  await write('1', 'SECRET');
  await write('1', 'nothing');
  await sql.raw(checkpoint).execute(db);
  expect(countLeft()).toBe(0);
});

test('nor is anything left in the gaps of pages that rows were moved from', async () => {
  const { db, file, countLeft } = await open();
  // Drawn once: of twelve such series, this is one of six after which SQLite leaves something.
  let seed = 7 * 7_919;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    return seed % below;
  };
  const filling = new Sqlite(file);
  filling.pragma('secure_delete = ON');
  filling.exec('create table m (c, ts, text, gist, essence, primary key (c, ts))');
  filling.exec('create index m_by_essence on m (c, essence)');
  const insert = filling.prepare("insert or replace into m values ('C1', ?, ?, ?, ?)");
  const edit = filling.prepare("update m set text = ?, gist = 'g' where ts = ?");
  const gone: string[] = [];
  filling.transaction(() => {
    for (let n = 0; n < 3_000; n++) {
      const ts = `17${random(100_000_000)}.${n}`;
      const words = `${n % 3 === 0 ? 'SECRET' : 'plain'}${n}${'x'.repeat(random(3_000))}`;
      insert.run(ts, words, `gist ${words.slice(0, 40)}`, words.slice(0, 500));
      if (n % 3 === 0) gone.push(ts);
      const edited = gone[random(4) === 0 ? random(gone.length) : -1];
      if (edited) edit.run(`SECRETagain${n}${'z'.repeat(random(2_000))}`, edited);
    }
  })();
  const erase = filling.prepare("update m set text = '', gist = '', essence = null where ts = ?");
  for (const ts of gone) erase.run(ts);
  filling.pragma('wal_checkpoint(truncate)');
  filling.close();
  expect(countLeft()).toBeGreaterThan(0);
  expect(await rewriteDatabase(db)).toBeUndefined();
  expect(await emptyLog(db)).toBeUndefined();
  expect(countLeft()).toBe(0);
});

test('while something else reads the database, the log keeps what was deleted: it says so', async () => {
  const { db, file, write } = await open();
  await write('1', 'SECRET');
  const reader = new Sqlite(file, { readonly: true });
  reader.exec('begin');
  reader.prepare('select * from kept').all();
  await write('1', 'nothing');
  expect(await rewriteDatabase(db)).toBeUndefined();
  expect(await emptyLog(db)).toBe('something else reads the database');
  reader.close();
  expect(await emptyLog(db)).toBeUndefined();
});
