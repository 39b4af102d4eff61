import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import { NEWEST, selectTexts } from './columns.ts';
import type { TextIndexEngine } from './engine.ts';

/**
 * Full-text search by FTS5: its tables are virtual, and look texts up only by their words or their `rowid`. Their
 * trigram tokenizer finds parts of words.
 */
export const sqlite: TextIndexEngine = {
  async add(tx, index, rows) {
    await tx
      .insertInto(index as 'examples')
      .values(rows.map(({ id, ...columns }) => ({ rowid: id, ...columns }) as never))
      .execute();
  },

  rank(db, index, { channel, terms }, limit) {
    const table = sql.table(index);
    return selectTexts(db, index)
      .where(sql<boolean>`${table} match ${matchTerms(terms, 'any')}`)
      .where('channel', '=', channel)
      .orderBy(sql`bm25(${table})`)
      .orderBy(NEWEST[index], 'desc')
      .limit(limit)
      .execute();
  },

  containing: (db, index, { channel, phrase }) =>
    selectTexts(db, index)
      .where(sql<boolean>`${sql.table(index)} match ${matchTerms([phrase], 'all')}`)
      .where('channel', '=', channel)
      .execute(),

  async compact(tx, index) {
    const table = sql.table(index);
    await sql`insert into ${table} (${table}, rank) values ('merge', 200)`.execute(tx);
  },

  async findWords(db, { channel, terms, which, before }, limit) {
    // Two queries: in a join the planner would read all messages of the channel.
    const { rows } = await sql<{ id: number; ts: string | null }>`
      select hit.rowid as id, indexed.ts from
        (select rowid from words where words match ${matchTerms(terms, which)} and rowid < ${before}
          order by rowid desc limit ${limit}) as hit
        left join indexed on indexed.id = hit.rowid and indexed.channel = ${channel}`.execute(db);
    return rows;
  },

  async mergeWords(tx, begin) {
    const before = await countChanges(tx);
    const pages = begin ? -PAGES_AT_ONCE : PAGES_AT_ONCE;
    await sql`insert into words (words, rank) values ('merge', ${pages})`.execute(tx);
    // One change is the command itself.
    return begin || (await countChanges(tx)) - before >= 2;
  },
};

/** Pages of the index to merge between two looks at the time. */
const PAGES_AT_ONCE = 200;

async function countChanges(tx: Tx): Promise<number> {
  const { rows } = await sql<{ changes: number }>`select total_changes() as changes`.execute(tx);
  return rows[0]?.changes ?? 0;
}

/** A query for texts that contain some terms anywhere. @param terms three characters or more each */
function matchTerms(terms: string[], which: 'all' | 'any'): string {
  return terms
    .map((term) => `"${term.replaceAll('"', '""')}"`)
    .join(which === 'all' ? ' AND ' : ' OR ');
}
