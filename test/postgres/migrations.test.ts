import { promises as fs } from 'node:fs';
import path from 'node:path';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { FileMigrationProvider, Migrator } from 'kysely/migration';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listMigrations, recordOf } from '../../src/store/db/migrate.ts';
import { createPool } from '../../src/store/db/postgres/pool.ts';
import { listHarms, readCatalog } from './catalog.ts';
import { createDatabase, onPostgres } from './fresh-workspace.ts';

/** docs/decisions/migrations-beside-an-older-process.md: a migration does not harm processes of the version before. */

/** All processes have to be stopped for these: the changelog says so. */
const ALL_STOPPED = new Set<string>();

async function open(template: Parameters<typeof createDatabase>[0]) {
  const pool = createPool(await createDatabase(template), { max: 2 });
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  onTestFinished(() => db.destroy());
  return db;
}

/** What each change would harm. */
const HARMFUL: [change: string, harm: string | RegExp][] = [
  ['drop table holds cascade', /^holds\.\w+ is gone$/],
  ['alter table messages drop column author_name', 'messages.author_name is gone'],
  ['alter table messages rename column text to words', 'messages.text is gone'],
  ['alter table users alter column name type varchar(9)', 'users.name is varchar, and was text'],
  ['alter table users alter column name set not null', 'users.name must not be null any more'],
  ['alter table users add column a text not null', 'users.a is new, and must not be left out'],
  ['alter table acts alter column team drop default', 'acts.team has no default any more'],
  [`alter table users add check (id <> '')`, /^new: users: CHECK/],
  ['create unique index one_name on users (team, name)', /^new: users: CREATE UNIQUE INDEX/],
  ['alter table users drop constraint users_pkey cascade', /^gone: users: PRIMARY KEY/],
];

const HARMLESS = [
  'alter table users add column a text',
  `alter table users add column a text not null default ''`,
  'create table a (id bigint primary key, b text not null)',
  'create index a on users (team, name)',
  'alter table acts alter column kind drop not null',
];

describe.runIf(onPostgres)('migrations', () => {
  test.each(['postgres', 'control'] as const)(
    'of %s let a process of the version before go on',
    async (schema) => {
      const db = await open('template1');
      const migrationTableName = recordOf(schema);
      const migrationFolder = path.join(import.meta.dirname, '../../migrations', schema);
      const migrator = new Migrator({
        ...{ db, migrationTableName, migrationLockTableName: `${migrationTableName}_lock` },
        provider: new FileMigrationProvider({ fs, path, migrationFolder }),
      });
      const [first = '', ...others] = listMigrations(schema).sort();
      expect((await migrator.migrateTo(first)).error).toBeUndefined();
      const harms: Record<string, string[]> = {};
      for (const name of others) {
        const before = await readCatalog(db);
        expect((await migrator.migrateTo(name)).error).toBeUndefined();
        const found = listHarms(before, await readCatalog(db));
        harms[name] = ALL_STOPPED.has(name) ? [] : found;
      }
      expect(harms).toEqual(Object.fromEntries(others.map((name) => [name, []])));
    },
  );

  test('are known to harm it', async () => {
    const db = await open('tables');
    const before = await readCatalog(db);
    for (const [change, harm] of [...HARMFUL, ...HARMLESS.map((text) => [text] as const)]) {
      const harms = await db.connection().execute(async (one) => {
        await sql`begin`.execute(one);
        await sql.raw(change).execute(one);
        const found = listHarms(before, await readCatalog(one));
        await sql`rollback`.execute(one);
        return found;
      });
      if (harm === undefined) expect(harms, change).toEqual([]);
      else if (typeof harm === 'string') expect(harms, change).toContain(harm);
      else expect(harms, change).toContainEqual(expect.stringMatching(harm));
    }
  });
});
