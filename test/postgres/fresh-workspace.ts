import { randomUUID } from 'node:crypto';
import type { Logger } from 'kysely';
import type pg from 'pg';
import { createPool } from '../../src/store/db/postgres/pool.ts';
import { fillWorkspace, openWorkspace } from '../../src/store/db/postgres/workspace.ts';
import type { Db } from '../../src/store/db/tables.ts';

/** Whether the tests run on PostgreSQL: see global-setup.ts. */
export const onPostgres = process.env.WINNOW_TEST_DB === 'postgres';

let shared: Promise<pg.Pool> | undefined;

export interface FreshDatabase {
  /** @param log hears of each statement */
  open(log?: Logger): Promise<Db>;
}

/** An empty workspace. Its rows count from 1, as those of an empty file. */
export async function createFreshWorkspace(): Promise<FreshDatabase> {
  // For this worker alone: tests beside it would count in the same sequences.
  shared ??= createDatabase('tables').then((url) => createPool(url, { max: 10 }));
  const pool = await shared;
  await pool.query(`select setval(oid::regclass, 1, false) from pg_class where relkind = 'S'`);
  const team = `T${randomUUID()}`;
  return {
    async open(log) {
      const db = openWorkspace(pool, team, log ? { log } : {});
      await fillWorkspace(db);
      return db;
    },
  };
}

/** @param template the database `tables` has all tables, `template1` none. @returns where the new one is */
export async function createDatabase(template: 'tables' | 'template1'): Promise<string> {
  const url = process.env.WINNOW_TEST_POSTGRES ?? '';
  const name = `fresh_${randomUUID().replaceAll('-', '')}`;
  const admin = createPool(url, { max: 1 });
  await admin.query(`create database ${name} template ${template}`);
  await admin.end();
  return url.replace('/postgres?', `/${name}?`);
}
