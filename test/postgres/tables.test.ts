import { sql } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/store/db/open.ts';
import { listSharedTables } from '../../src/store/db/postgres/workspace.ts';
import type { Db } from '../../src/store/db/tables.ts';
import { openControl } from '../../src/store/workspaces/open.ts';
import { createFreshWorkspace, onPostgres } from './fresh-workspace.ts';

/** Both databases have the same tables: a migration of one without one of the other is found here. */

/** Virtual tables in SQLite: they say of no column whether it may be null, and have tables of their own. */
const TEXT_INDEX = /^(?:words|examples|theme_words)(?:$|_)/;

/** A file has a lock instead; and rows of PostgreSQL say each whose they are. */
const ONLY_HERE = new Set(['owners', 'workspace']);

async function open(): Promise<{ sqlite: Db; postgres: Db }> {
  const sqlite = await openDatabase(':memory:');
  const postgres = await (await createFreshWorkspace()).open();
  onTestFinished(async () => {
    await sqlite.destroy();
    await postgres.destroy();
  });
  return { sqlite, postgres };
}

/** Indexes that only PostgreSQL has: of its full-text search, and of foreign keys. */
const ONLY_THERE = /^(?:examples|theme_words)_by_channel$|_for_/;

/** The tables of the control database, which are no workspace's. */
async function listControlTables(): Promise<string[]> {
  const control = await openControl({ kind: 'sqlite', file: ':memory:' });
  const tables = await control.introspection.getTables();
  await control.destroy();
  return tables.map(({ name }) => name).sort();
}

async function listColumns(db: Db, control: string[] = []): Promise<string[]> {
  const tables = await db.introspection.getTables();
  return tables
    .filter(({ name }) => !TEXT_INDEX.test(name) && !ONLY_HERE.has(name) && !control.includes(name))
    .flatMap(({ name, columns }) =>
      columns.map(({ name: column, isNullable, hasDefaultValue }) =>
        [`${name}.${column}`, isNullable && 'null', hasDefaultValue && 'default']
          .filter(Boolean)
          .join(' '),
      ),
    )
    .filter((column) => !/\.team\b/.test(column))
    .sort();
}

/** SQLite says of the columns of a primary key that they may be null. */
async function listKeys(sqlite: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select tables.name || '.' || columns.name as name
    from pragma_table_list as tables, pragma_table_info(tables.name) as columns
    where columns.pk > 0`.execute(sqlite);
  return rows.map(({ name }) => name);
}

describe.runIf(onPostgres)('the tables', () => {
  test('have the same columns in both databases', async () => {
    const { sqlite, postgres } = await open();
    const keys = new Set(await listKeys(sqlite));
    const here = (await listColumns(sqlite)).map((column) => {
      const key = column.replace(/ null$/, '');
      return keys.has(key) ? key : column;
    });
    expect(await listColumns(postgres, await listControlTables())).toEqual(here);
  });

  test('have the same indexes', async () => {
    const { sqlite, postgres } = await open();
    const { rows: here } = await sql<{ name: string }>`
      select name from sqlite_schema where type = 'index' and sql is not null`.execute(sqlite);
    const { rows: there } = await sql<{ name: string; table: string }>`
      select i.indexname as name, i.tablename as "table" from pg_indexes as i where i.schemaname = 'public'
      and not exists (select from pg_constraint where conname = i.indexname)`.execute(postgres);
    const names = (rows: { name: string }[]) => rows.map(({ name }) => name).sort();
    const control = await listControlTables();
    const shared = there.filter(({ table }) => !control.includes(table));
    expect(names(shared).filter((name) => !ONLY_THERE.test(name))).toEqual(names(here));
  });

  test('have an index for each foreign key, so that a workspace is deleted in one go', async () => {
    const { postgres } = await open();
    const { rows } = await sql<{ key: string; columns: string }>`
      select conname as key, array_to_string(conkey, ' ') as columns from pg_constraint
      where contype = 'f' and connamespace = 'public'::regnamespace and not exists (
        select from pg_index where indrelid = conrelid
        and array(select unnest(conkey) order by 1)
          = array(select unnest((string_to_array(indkey::text, ' ')::int2[])[1:cardinality(conkey)]) order by 1))
      `.execute(postgres);
    expect(rows).toEqual([]);
  });

  test('are all protected: each has its policy, also for its owner', async () => {
    const { postgres } = await open();
    const { rows } = await sql<{ name: string }>`
      select c.relname as name from pg_class as c
      where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
        and c.relname not like 'kysely%'
        and not (c.relrowsecurity and c.relforcerowsecurity and exists (
          select from pg_policy as p where p.polrelid = c.oid and p.polname = 'own'))
      order by 1`.execute(postgres);
    expect(rows.map(({ name }) => name)).toEqual(await listControlTables());
    expect(await listSharedTables(postgres)).toContain('messages');
  });
});
