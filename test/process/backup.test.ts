import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { backUpDatabase } from '../../src/store/db/backup.ts';
import { openDatabase } from '../../src/store/db/open.ts';
import { makeFolder } from '../store/workspaces/folder.ts';
import { openPlace, type Place } from './bot.ts';

/** `npm run backup` and `npm run restore`, as people and cron call them. */

const inPlace = ({ directory }: Place, name: string) => path.join(directory, name);

/** A database with one row that says which one it is. */
async function makeDatabase(file: string, name: string): Promise<void> {
  const db = await openDatabase(file);
  await db.insertInto('taxonomies').values({ content: name, created_at: 1 }).execute();
  await db.destroy();
}

function nameOf(file: string): unknown {
  const db = new Sqlite(file, { readonly: true, fileMustExist: true });
  try {
    return db.prepare('select content from taxonomies').pluck().get();
  } finally {
    db.close();
  }
}

const MOUNT = 'mount';
const UNMOUNT = 'umount';

function mountOnItself(file: string): void {
  try {
    execFileSync(MOUNT, ['--bind', file, file], { stdio: 'ignore' });
  } catch {
    return;
  }
  onTestFinished(() => void execFileSync(UNMOUNT, ['-l', file]));
}

test('npm run backup and npm run restore are these scripts', () => {
  const { scripts } = JSON.parse(
    readFileSync(path.join(import.meta.dirname, '../../package.json'), 'utf8'),
  );
  expect(scripts.backup).toMatch(/ src\/backup\.ts$/);
  expect(scripts.restore).toMatch(/ src\/restore\.ts$/);
});

test('--keep keeps the newest copies of its own, and touches nothing else', async () => {
  const place = await openPlace();
  await makeDatabase(place.database, 'live');
  const folder = inPlace(place, 'backups');
  mkdirSync(folder);
  const old = ['20260101', '20260102', '20260103'].map((day) => `winnow-${day}T040000Z.db`);
  const others = [
    'notes.txt',
    'winnow-before-the-move.db',
    'winnow-20250101T040000Z.db.gz',
    'other-20250101T040000Z.db',
  ];
  for (const name of [...old, ...others]) writeFileSync(path.join(folder, name), '');
  const { code, said } = await place.run('backup.ts', ['--keep', '2']);
  expect({ code, said }).toEqual({ code: 0, said: '' });
  const left = readdirSync(folder);
  expect(left).toEqual(expect.arrayContaining(others));
  const own = left.filter((name) => !others.includes(name)).sort();
  expect(own).toEqual([old[2], expect.stringMatching(/^winnow-20\d{6}T\d{6}Z\.db$/)]);
  expect(nameOf(path.join(folder, own[1] ?? ''))).toBe('live');
});

test('a copy is made while the bot writes all the time', async () => {
  const place = await openPlace();
  await makeDatabase(place.database, 'live');
  const writer = new Sqlite(place.database);
  onTestFinished(() => void writer.close());
  const add = writer.prepare('insert into taxonomies (content, created_at) values (?, 1)');
  for (let row = 0; row < 50; row++) add.run(`row ${row} `.padEnd(40_000, 'x'));
  const copy = inPlace(place, 'copy.db');
  let isCopied = false;
  const copying = backUpDatabase(place.database, copy).then(() => {
    isCopied = true;
  });
  for (let writes = 0; writes < 500 && !isCopied; writes++) {
    add.run(`written meanwhile ${writes}`);
    await setImmediate();
  }
  expect(isCopied).toBe(true);
  await copying;
  expect(nameOf(copy)).toBe('live');
});

test('a copy that is kept for reading only can be written to once it is restored', async () => {
  const place = await openPlace();
  const copy = inPlace(place, 'copy.db');
  await makeDatabase(copy, 'copy');
  chmodSync(copy, 0o400);
  expect(await place.run('restore.ts', [copy])).toMatchObject({ code: 0 });
  expect(statSync(place.database).mode & 0o200).toBe(0o200);
  expect(nameOf(place.database)).toBe('copy');
});

test('a copy that fails removes no other, and leaves nothing half done', async () => {
  const place = await openPlace();
  const folder = inPlace(place, 'elsewhere');
  mkdirSync(folder);
  const old = ['winnow-20260101T040000Z.db', 'winnow-20260102T040000Z.db'];
  for (const name of old) writeFileSync(path.join(folder, name), '');
  writeFileSync(place.database, 'These are my notes, and by no means a database.'.repeat(50));
  const { code, said } = await place.run('backup.ts', ['--keep', '1', folder]);
  expect(code).toBe(1);
  expect(said).toMatch(
    /winnow\.db \(DATABASE_URL\) cannot be copied to .*elsewhere: file is not a database/,
  );
  expect(readdirSync(folder).sort()).toEqual(old);
});

test('what cannot be copied, or not there, is said in plain words', async () => {
  const place = await openPlace();
  const missing = await place.run('backup.ts', [inPlace(place, 'copy.db')]);
  expect(missing).toMatchObject({
    code: 1,
    said: expect.stringContaining('winnow.db is not there'),
  });
  await makeDatabase(place.database, 'live');
  symlinkSync(place.database, inPlace(place, 'link.db'));
  for (const [args, code, words] of [
    [[], 2, 'Say where the copy goes.'],
    [['--keep', 'all'], 2, '--keep takes how many copies to keep, such as 7'],
    [['--keep', '0'], 2, '--keep takes how many copies to keep'],
    [['one.db', 'two.db'], 2, 'Name one place for the copy.'],
    [['--kept'], 2, "Unknown option '--kept'"],
    [[place.directory], 1, 'it is a folder: name a file in it'],
    [[place.database], 1, 'it is the database itself'],
    [[inPlace(place, 'link.db')], 1, 'it is the database itself'],
    [['--keep', '7', place.database], 1, 'it is a file: with --keep, name a folder'],
  ] as const) {
    const answer = await place.run('backup.ts', [...args]);
    expect(answer).toMatchObject({ code, said: expect.stringContaining(words) });
    expect(answer.said).not.toContain('    at ');
  }
  expect(nameOf(place.database)).toBe('live');
});

test('restore puts a copy in place, keeps the database before, and leaves no log of it beside the copy', async () => {
  const place = await openPlace();
  await makeDatabase(place.database, 'before');
  const copy = inPlace(place, 'copy.db');
  await makeDatabase(copy, 'copy');
  // What a killed bot leaves, and what once damaged the copy that was put beside it.
  const killed = new Sqlite(place.database);
  killed.exec(`update taxonomies set content = 'before, in the log'`);
  const files = [place.database, `${place.database}-wal`].map(
    (file) => [file, readFileSync(file)] as const,
  );
  killed.close();
  for (const [file, content] of files) writeFileSync(file, content);
  expect(await place.run('restore.ts', [copy])).toMatchObject({ code: 0, said: '' });
  expect(existsSync(`${place.database}-wal`)).toBe(false);
  expect(nameOf(place.database)).toBe('copy');
  expect(nameOf(copy)).toBe('copy');
  const [aside = '', ...more] = readdirSync(place.directory).filter((name) =>
    /^winnow\.db\.before-20\d{6}T\d{6}Z$/.test(name),
  );
  expect(more).toEqual([]);
  expect(nameOf(inPlace(place, aside))).toBe('before, in the log');
  expect(readdirSync(place.directory).filter((name) => name.includes('restoring'))).toEqual([]);
});

test('what cannot be restored changes nothing, and says why', async () => {
  const place = await openPlace();
  await makeDatabase(place.database, 'live');
  const make = (name: string, content: string | Buffer) => {
    writeFileSync(inPlace(place, name), content);
    return inPlace(place, name);
  };
  const whole = readFileSync(place.database);
  const damaged = Buffer.from(whole);
  damaged.fill(0xaa, 8 * 4096, 60 * 4096);
  const newer = make('newer.db', whole);
  const db = new Sqlite(newer);
  db.exec(`insert into kysely_migration values ('9999-from-the-future', '2030-01-01')`);
  db.close();
  const foreign = inPlace(place, 'foreign.db');
  const other = new Sqlite(foreign);
  other.exec('create table notes (text)');
  other.close();
  for (const [args, code, words] of [
    [[], 2, 'Name one file to restore.'],
    [['one.db', 'two.db'], 2, 'Name one file to restore.'],
    [['--force', 'one.db'], 2, "Unknown option '--force'"],
    [[inPlace(place, 'nothing.db')], 1, 'it is not there'],
    [[place.directory], 1, 'it is a folder'],
    [[place.database], 1, 'it is the database itself'],
    [[make('empty.db', '')], 1, 'it is empty'],
    [[make('notes.txt', 'My notes. '.repeat(900))], 1, 'it is no database'],
    [[make('damaged.db', damaged)], 1, 'it is damaged'],
    [[make('cut.db', whole.subarray(0, 5 * 4096))], 1, 'it is damaged'],
    [[foreign], 1, 'it is the database of another program'],
    [[newer], 1, '(9999-from-the-future): update Winnow first'],
  ] as const) {
    const answer = await place.run('restore.ts', [...args]);
    expect(answer).toMatchObject({ code, said: expect.stringContaining(words) });
    expect(answer.said).not.toContain('    at ');
  }
  expect(nameOf(place.database)).toBe('live');
  expect(readdirSync(place.directory).filter((name) => name.startsWith('winnow.db.'))).toEqual([]);
});

test('a file that is mounted on its own is restored as well', async () => {
  const place = await openPlace();
  await makeDatabase(place.database, 'before');
  const copy = inPlace(place, 'copy.db');
  await makeDatabase(copy, 'copy');
  // A user that may not mount has no such file either.
  mountOnItself(place.database);
  expect(await place.run('restore.ts', [copy])).toMatchObject({ code: 0, said: '' });
  expect(nameOf(place.database)).toBe('copy');
  const aside = readdirSync(place.directory).find((name) => name.startsWith('winnow.db.before-'));
  expect(nameOf(inPlace(place, aside ?? ''))).toBe('before');
});

test('restore refuses while a bot runs', async () => {
  const place = await openPlace();
  const copy = inPlace(place, 'copy.db');
  await makeDatabase(copy, 'copy');
  const bot = place.start();
  await bot.logged('ready');
  const { code, said } = await place.run('restore.ts', [copy]);
  expect(code).toBe(1);
  expect(said).toMatch(/Winnow is running on .*winnow\.db: stop it first\./);
});

test('a bot of many workspaces has a folder, and so has each of its copies', async () => {
  const place = await openPlace();
  const folder = inPlace(place, 'workspaces');
  const settings = { SLACK_CLIENT_ID: '1.2', DATABASE_URL: `sqlite:${folder}` };
  const backUp = (...args: string[]) => place.run('backup.ts', args, settings);
  const copy = inPlace(place, 'copy');
  expect(await backUp(copy)).toMatchObject({
    code: 1,
    said: expect.stringMatching(
      /workspaces \(DATABASE_URL\) cannot be copied to .*control\.db is not there/,
    ),
  });
  await makeFolder(folder, { T1: 'one', T2: 'two' });
  expect(await backUp(copy)).toMatchObject({
    code: 0,
    said: '',
    text: expect.stringContaining(`workspaces was copied to ${copy}, with 2 workspaces.`),
  });
  expect(await backUp('--keep', '7')).toMatchObject({
    code: 0,
    text: expect.stringMatching(/backups\/workspaces-20\d{6}T\d{6}Z, with 2 workspaces\.\n$/),
  });
  for (const [args, code, words] of [
    [[], 2, 'Say where the copy goes.'],
    [[copy], 1, 'there is something in it: name a new folder'],
    [['--keep', '7', path.join(copy, 'T1.db')], 1, 'it is a file: with --keep, name a folder'],
  ] as const) {
    const answer = await backUp(...args);
    expect(answer).toMatchObject({ code, said: expect.stringContaining(words) });
    expect(answer.said).not.toContain('    at ');
  }
  const mounted = inPlace(place, 'mounted');
  mkdirSync(mounted);
  mountOnItself(mounted);
  writeFileSync(path.join(folder, 'T2.db'), 'These are my notes. '.repeat(500));
  expect(await backUp(mounted)).toMatchObject({
    code: 1,
    text: expect.stringContaining(`workspaces was copied to ${mounted}, with 1 workspace.`),
    said: expect.stringMatching(/^It is not in the copy: .*T2\.db: file is not a database\.$/m),
  });
  const wrong = { ...settings, DATABASE_URL: `sqlite:${folder}/T1.db` };
  expect(await place.run('backup.ts', [copy], wrong)).toMatchObject({
    code: 2,
    said: expect.stringContaining('DATABASE_URL has to name a folder'),
  });
});
