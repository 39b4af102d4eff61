import { sql } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { takeOver } from '../../src/store/db/postgres/ownership.ts';
import { createPool } from '../../src/store/db/postgres/pool.ts';
import {
  fillWorkspace,
  listSharedTables,
  openWorkspace,
} from '../../src/store/db/postgres/workspace.ts';
import type { Db } from '../../src/store/db/tables.ts';
import { deleteWorkspace } from '../../src/store/workspaces/delete.ts';
import { createTestClock } from '../harness.ts';
import { BUG, IDEA, PRAISE, startSummedUp } from '../people/stage.ts';
import { createDatabase, onPostgres } from './fresh-workspace.ts';

/** A workspace that is deleted, beside another one. */

/** All rows of a workspace, by table; tables without any are left out. */
async function readAll(db: Db): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of await listSharedTables(db)) {
    const { rows } = await sql<object>`select * from ${sql.table(table)}`.execute(db);
    if (rows.length > 0) found[table] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return found;
}

async function startWorkspace(): Promise<Db> {
  const people = await startSummedUp([BUG, BUG, IDEA, PRAISE], { slack: { salt: 'SAME' } });
  const [bug = '', , idea = ''] = people.sent;
  await people.press(people.ben, bug, 'claim');
  await people.press(people.ben, bug, 'undo');
  await people.react(people.ben, idea, 'eyes');
  await people.rest();
  return people.context.db;
}

async function startOwner() {
  const url = await createDatabase('tables');
  const pool = createPool(url, { max: 2 });
  onTestFinished(() => pool.end());
  const own = async () => {
    const lost: string[] = [];
    const onLost = () => void lost.push('lost');
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const clock = createTestClock();
    // The server frees the lock of one that has left a moment later.
    const options = { takeOverMs: 3_600_000, clock, log, prepare: async () => {}, onLost };
    const ownership = await takeOver(url, 'T1', options);
    const db = openWorkspace(pool, 'T1', { guard: { epoch: ownership.epoch, onLost } });
    return { db, ownership, lost };
  };
  return { own };
}

describe.runIf(onPostgres)('a workspace is deleted', () => {
  test('with all of its rows, and without any of another one that has the same ids', async () => {
    const [db, other] = [await startWorkspace(), await startWorkspace()];
    const [before, kept] = [await readAll(db), await readAll(other)];
    expect(Object.keys(before)).toEqual(Object.keys(kept));
    expect(Object.keys(before).length).toBeGreaterThan(15);
    expect(before.acts).toHaveLength(3);
    expect(before.messages).toEqual(kept.messages);
    await deleteWorkspace(db);
    expect(await readAll(db)).toEqual({});
    expect(await readAll(other)).toEqual(kept);
    await deleteWorkspace(db);
    await fillWorkspace(db);
    expect(Object.keys(await readAll(db))).toEqual(['indexed_verdicts']);
  });

  test('as a whole, or not at all', async () => {
    const db = await startWorkspace();
    const before = await readAll(db);
    await sql`create function refuse() returns trigger language plpgsql as
      $$ begin raise exception 'a power cut'; end $$`.execute(db);
    await sql`create trigger refuse before delete on verdicts execute function refuse()`.execute(
      db,
    );
    onTestFinished(async () => {
      await sql`drop function refuse cascade`.execute(db);
    });
    await expect(deleteWorkspace(db)).rejects.toThrow('a power cut');
    expect(await readAll(db)).toEqual(before);
  });

  test('by its owner, who has lost it then; who comes back later has a new number', async () => {
    const { own } = await startOwner();
    const first = await own();
    await fillWorkspace(first.db);
    await deleteWorkspace(first.db);
    expect(first.lost).toEqual([]);
    await expect(fillWorkspace(first.db)).rejects.toThrow('another Winnow works for T1 now');
    expect(first.lost).toEqual(['lost']);
    await first.ownership.release();

    const second = await own();
    expect(second.ownership.epoch).not.toBe(first.ownership.epoch);
    await expect(fillWorkspace(first.db)).rejects.toThrow('another Winnow works for T1 now');
    await fillWorkspace(second.db);
    expect(Object.keys(await readAll(second.db))).toEqual(['indexed_verdicts', 'owners']);
    await second.ownership.release();
  });

  test('not by a process that has lost it to another one', async () => {
    const { own } = await startOwner();
    const first = await own();
    await first.ownership.release();
    const second = await own();
    await fillWorkspace(second.db);
    await expect(deleteWorkspace(first.db)).rejects.toThrow('another Winnow works for T1 now');
    expect(Object.keys(await readAll(second.db))).toEqual(['indexed_verdicts', 'owners']);
    await second.ownership.release();
  });
});
