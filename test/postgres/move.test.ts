import { sql } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { moveWorkspace } from '../../src/store/db/move-workspace.ts';
import { openDatabase } from '../../src/store/db/open.ts';
import type { Db } from '../../src/store/db/tables.ts';
import { findThemes } from '../../src/store/themes/words.ts';
import { BUG, IDEA, NOISE, PRAISE, startSummedUp } from '../people/stage.ts';
import { createFreshWorkspace, onPostgres } from './fresh-workspace.ts';

/** A workspace in PostgreSQL, moved into a file, and on into another workspace. */

async function openAll(): Promise<{
  people: Awaited<ReturnType<typeof startSummedUp>>;
  file: Db;
  other: Db;
}> {
  // First: the rows of each new one count from 1.
  const other = await (await createFreshWorkspace()).open();
  const people = await startSummedUp([BUG, BUG, IDEA, PRAISE, NOISE]);
  const [ts = ''] = people.sent;
  await people.press(people.ben, ts, 'claim');
  const file = await openDatabase(':memory:');
  onTestFinished(async () => {
    await file.destroy();
    await other.destroy();
  });
  return { people, file, other };
}

const move = async (from: Db, to: Db) => {
  const tables = new Map<string, number>();
  const onTable = ({ table, rows }: { table: string; rows: number }) => tables.set(table, rows);
  await moveWorkspace(from, to, { team: undefined, onTable });
  return tables;
};

describe.runIf(onPostgres)('a workspace is moved', () => {
  test('whole, there and back', async () => {
    const { people, file, other } = await openAll();
    const { db } = people.context;
    const there = await move(db, file);
    expect(there.get('messages')).toBe(5);
    expect(there.get('acts')).toBe(1);
    expect(await move(file, other)).toEqual(there);
    for (const [table, rows] of there) {
      if (rows === 0) continue;
      const read = async (of: Db) => {
        const found = await sql<object>`select * from ${sql.table(table)}`.execute(of);
        return found.rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort();
      };
      const rowsThere = await read(db);
      expect(rowsThere).toHaveLength(rows);
      expect(await read(other)).toEqual(rowsThere);
      expect(await read(file)).toEqual(rowsThere);
    }
  });

  test('with what is found by its words', async () => {
    const { people, file, other } = await openAll();
    const { channel, context } = people;
    await move(context.db, file);
    await move(file, other);
    const about = { channel, text: BUG };
    const found = await findThemes(context.db, about, 5);
    expect(found.length).toBeGreaterThan(0);
    for (const db of [file, other]) {
      expect(await findThemes(db, about, 5)).toEqual(found);
      // Messages wait to be indexed.
      const waiting = await db.selectFrom('unindexed').select('ts').execute();
      expect(waiting).toHaveLength(5);
    }
  });

  test('and goes on counting where it was, also behind what was deleted', async () => {
    const { people, file, other } = await openAll();
    const { db } = people.context;
    const run = {
      channel: people.channel,
      stage: 'done',
      cause: 'command',
      with_digest: 1,
    } as const;
    const insert = (into: Db) =>
      into
        .insertInto('runs')
        .values({
          ...{ ...run, requested_by: null, taxonomy_version: 1, model: 'm', claim_until: 0 },
          ...{ created_at: 1, ended_at: 1, lane: 'batch', expected_messages: 0 },
        } as never)
        .returning('id')
        .executeTakeFirstOrThrow();
    const last = await insert(db);
    await db.deleteFrom('runs').where('id', '=', last.id).execute();
    await move(db, file);
    expect((await insert(file)).id).toBeGreaterThan(last.id);
    await move(file, other);
    expect((await insert(other)).id).toBeGreaterThan(last.id + 1);
  });

  test('into an empty one only; otherwise nothing is changed', async () => {
    const { people, file } = await openAll();
    const { db } = people.context;
    await move(db, file);
    await expect(move(file, db)).rejects.toThrow(
      /its table \w+ has rows of this workspace already/,
    );
    const second = await openDatabase(':memory:');
    onTestFinished(() => second.destroy());
    await sql`alter table users add column shoe_size integer`.execute(second);
    await expect(move(db, second)).rejects.toThrow(/not those of this version/);
    expect(await second.selectFrom('messages').select('ts').execute()).toEqual([]);
  });

  test('without the signs that PostgreSQL has no place for', async () => {
    const { people, file, other } = await openAll();
    await move(people.context.db, file);
    await sql`update messages set text = 'It crashes' || char(0) || '!' where text = ${BUG}`.execute(
      file,
    );
    await move(file, other);
    const texts = await other.selectFrom('messages').select('text').execute();
    expect(texts.filter(({ text }) => text === 'It crashes!')).toHaveLength(2);
  });

  test('only when there is something to move', async () => {
    const { file, other } = await openAll();
    await expect(move(file, other)).rejects.toThrow('there is nothing of this workspace to move');
  });

  test('and what does not arrive as it was is found', async () => {
    const { people } = await openAll();
    const crooked = await openDatabase(':memory:');
    onTestFinished(() => crooked.destroy());
    await sql`create trigger crooked after insert on verdicts begin
      update verdicts set urgency = 5 where id = new.id; end`.execute(crooked);
    await expect(move(people.context.db, crooked)).rejects.toThrow(/the table verdicts differs/);
    expect(await crooked.selectFrom('messages').select('ts').execute()).toEqual([]);
  });
});
