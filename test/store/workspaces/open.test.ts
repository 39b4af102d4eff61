import { execFile } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { UnreachableDatabaseError } from '../../../src/core/health/storage.ts';
import { listMigrations } from '../../../src/store/db/migrate.ts';
import { openDatabase } from '../../../src/store/db/open.ts';
import { createPool, migrateTables } from '../../../src/store/db/postgres/pool.ts';
import { openWorkspace } from '../../../src/store/db/postgres/workspace.ts';
import { openControl } from '../../../src/store/workspaces/open.ts';
import type { ControlDb } from '../../../src/store/workspaces/tables.ts';
import { findWorkspace } from '../../../src/store/workspaces/workspaces.ts';
import { onPostgres } from '../../postgres/fresh-workspace.ts';
import { startServer } from '../../postgres/server.ts';
import { createPlace, START, sealer, startControl } from './stage.ts';

const run = promisify(execFile);

const COLUMNS = {
  inbox: 'answer, answered_at, envelope, expires_at, id, received_at, team',
  installations:
    'app, bot_id, bot_token, bot_user, ended_at, ended_why, enterprise, expires_at, id, installed_at, installed_by, is_org, refresh_token, scopes',
  workspaces:
    'added_at, anthropic_key, budget, ended_at, installation, key_changes, name, team, url, writes_per_hour',
};

async function listColumns(db: ControlDb): Promise<Record<string, string>> {
  const tables = await db.introspection.getTables();
  const found = tables.map(({ name, columns }) => [
    name,
    columns
      .map((column) => column.name)
      .sort()
      .join(', '),
  ]);
  return Object.fromEntries(found);
}

const addInstallation = (db: ControlDb, id: string) =>
  db
    .insertInto('installations')
    .values({
      ...{ id, enterprise: null, is_org: 0, app: 'A1', bot_id: null, bot_user: 'U1' },
      ...{ bot_token: 'sealed', refresh_token: null, expires_at: null, scopes: '' },
      ...{ installed_by: 'U2', installed_at: START, ended_at: null, ended_why: null },
    })
    .execute();

const listIds = async (db: ControlDb) =>
  (await db.selectFrom('installations').select('id').orderBy('id').execute()).map(({ id }) => id);

test('a new place gets its tables, which stay when it is opened again', async () => {
  const place = await createPlace();
  const first = await startControl(place);
  expect(await listColumns(first)).toMatchObject(COLUMNS);
  await addInstallation(first, 'T1');
  const second = await startControl(place);
  expect(await listIds(second)).toEqual(['T1']);
  const { installed_at: at } = await second
    .selectFrom('installations')
    .select('installed_at')
    .executeTakeFirstOrThrow();
  expect(at).toBe(START);
});

test('a process of an older version goes on with the tables of this one', async () => {
  const db = await startControl();
  await addInstallation(db, 'T1');
  // Its statements name no column that it does not know.
  const row = { team: 'T1', installation: 'T1', name: null, url: null, anthropic_key: null };
  await db
    .insertInto('workspaces')
    .values({ ...row, added_at: START, ended_at: null })
    .execute();
  expect(await findWorkspace(db, sealer, 'T1')).toMatchObject({ budget: 'default' });
});

test('a workspace belongs to an installation', async () => {
  const db = await startControl();
  const orphan = { team: 'T1', installation: 'T1', name: null, url: null, anthropic_key: null };
  await expect(
    db
      .insertInto('workspaces')
      .values({ ...orphan, added_at: START, ended_at: null })
      .execute(),
  ).rejects.toThrow(/foreign key/i);
});

describe.skipIf(onPostgres)('a file', () => {
  test('survives a power cut, and keeps nothing of what is deleted', async () => {
    const db = await startControl();
    const read = async (name: string) => {
      const { rows } = await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(db);
      return Object.values(rows[0] ?? {})[0];
    };
    expect([
      await read('journal_mode'),
      await read('synchronous'),
      await read('secure_delete'),
      await read('foreign_keys'),
    ]).toEqual(['wal', 2, 1, 1]);
  });

  test('may be opened by several processes at once, when it is new', async () => {
    const place = await createPlace();
    const open = pathToFileURL(path.resolve('src/store/workspaces/open.ts'));
    const script = `const { openControl } = await import('${open}');
      await (await openControl(${JSON.stringify(place)})).destroy();`;
    const start = () => run(process.execPath, ['--input-type=module', '--eval', script]);
    await Promise.all([start(), start(), start()]);
    const db = await startControl(place);
    expect(await listColumns(db)).toMatchObject(COLUMNS);
    const { rows } = await sql`select name from control_migration`.execute(db);
    expect(rows).toEqual(listMigrations('control').map((name) => ({ name })));
  });

  test('of a workspace is no control database, nor the other way round', async () => {
    const place = await createPlace();
    if (place.kind !== 'sqlite') throw new Error('it is no file');
    const other = `${place.file}-other`;
    await (await openControl(place)).destroy();
    await expect(openDatabase(place.file)).rejects.toThrow('it is the database of another program');
    await (await openDatabase(other)).destroy();
    await expect(openControl({ kind: 'sqlite', file: other })).rejects.toThrow(
      'it is the database of another program',
    );
  });
});

describe.runIf(onPostgres)('in PostgreSQL', () => {
  const urlOf = async () => {
    const place = await createPlace('template1');
    if (place.kind !== 'postgres') throw new Error('it is a file');
    return place;
  };

  test.each([
    ['before', true],
    ['after', false],
  ])('the tables of workspaces are made %s it, and protected alone', async (_, isFirst) => {
    const place = await urlOf();
    if (isFirst) await migrateTables(place.url);
    const db = await startControl(place);
    if (!isFirst) await migrateTables(place.url);
    const { rows } = await sql<{ name: string }>`
      select relname as name from pg_class
      where relkind = 'r' and relnamespace = 'public'::regnamespace and not relrowsecurity
        and relname not like 'kysely%' order by 1`.execute(db);
    expect(rows.map(({ name }) => name)).toEqual([
      'control_migration',
      'control_migration_lock',
      'inbox',
      'installations',
      'workspaces',
    ]);
    await addInstallation(db, 'T1');
    expect(await listIds(db)).toEqual(['T1']);
    const pool = createPool(place.url, { max: 1 });
    const workspace = openWorkspace(pool, 'T1');
    onTestFinished(async () => {
      await workspace.destroy();
      await pool.end();
    });
    expect(await workspace.selectFrom('messages').select('ts').execute()).toEqual([]);
  });

  test('several processes may open a new one at once', async () => {
    const place = await urlOf();
    const all = await Promise.all(Array.from({ length: 6 }, () => startControl(place)));
    for (const [n, db] of all.entries()) {
      await addInstallation(db, `T${n}`);
      expect(await listColumns(db)).toMatchObject(COLUMNS);
    }
    for (const db of all) expect(await listIds(db)).toHaveLength(6);
  });

  test('both kinds of tables may be made at once', async () => {
    const place = await urlOf();
    const migrations = Array.from({ length: 3 }, () => migrateTables(place.url));
    const all = await Promise.all([startControl(place), startControl(place), startControl(place)]);
    await Promise.all(migrations);
    await addInstallation(all[0], 'T1');
    expect(await listIds(all[2])).toEqual(['T1']);
  });

  test('a role that is above row-level security is refused', async () => {
    const place = await urlOf();
    const above = { ...place, url: place.url.replace('//bot@', '//postgres@') };
    await expect(openControl(above)).rejects.toThrow('is not kept from the rows of other');
  });

  test('a lost connection is told from other errors, and replaced', async () => {
    const server = await startServer();
    onTestFinished(() => server.stop());
    const admin = await server.connect('postgres');
    await admin.query('grant create on schema public to bot');
    await admin.end();
    const db = await startControl({ kind: 'postgres', url: server.url('bot', 'postgres') });
    await addInstallation(db, 'T1');
    await expect(addInstallation(db, 'T1')).rejects.toThrow(/duplicate key/);
    const cut = db.transaction().execute(async (tx) => {
      await addInstallation(tx, 'T2');
      await server.crash();
      await addInstallation(tx, 'T3');
    });
    await expect(cut).rejects.toThrow(UnreachableDatabaseError);
    expect(await listIds(db)).toEqual(['T1']);
    const restart = await server.halt();
    await expect(listIds(db)).rejects.toThrow(UnreachableDatabaseError);
    await restart();
    expect(await listIds(db)).toEqual(['T1']);
  });
});
