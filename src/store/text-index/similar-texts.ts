import { sql } from 'kysely';
import type { Db, Tables, Tx } from '../db/tables.ts';
import { matchTerms } from './match.ts';
import { haveMuchInCommon, listTerms } from './terms.ts';

/**
 * Indexes of texts, found by the words that they share with another text. Only texts of the same
 * channel are found, because another channel may be private. In SQLite each index is a virtual
 * table of FTS5, which looks texts up only by their words or their id.
 */
type Index = 'examples' | 'theme_words';

type Row<I extends Index> = Omit<Tables[I], 'rowid'> & { id: number };

/** The column of the text, and the one that puts the newer of two equally similar texts first. */
const COLUMNS = {
  examples: { text: sql.ref('text'), newest: sql.ref('ts') },
  theme_words: { text: sql.ref('words'), newest: sql.ref('rowid') },
};

export interface IndexedText {
  id: number;
  channel: string;
  text: string;
}

/** @param rows with ids that are not in the index */
export async function addTexts<I extends Index>(tx: Tx, index: I, rows: Row<I>[]): Promise<void> {
  if (rows.length === 0) return;
  await tx
    .insertInto<Index>(index)
    .values(rows.map(({ id, ...columns }) => ({ rowid: id, ...columns })))
    .execute();
}

/** Which of some texts are in the index, in any order. */
export async function readTexts(db: Db | Tx, index: Index, ids: number[]): Promise<IndexedText[]> {
  if (ids.length === 0) return [];
  return db
    .selectFrom(index)
    .select(['rowid as id', 'channel', COLUMNS[index].text.$castTo<string>().as('text')])
    .where('rowid', 'in', ids)
    .execute();
}

export async function removeTexts(tx: Tx, index: Index, ids: number[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.deleteFrom(index).where('rowid', 'in', ids).execute();
}

/** How many texts of a channel are in the index, counted up to `limit`. */
export async function countTexts(
  db: Db | Tx,
  index: Index,
  channel: string,
  limit: number,
): Promise<number> {
  const rows = await db
    .selectFrom(index)
    .select('rowid')
    .where('channel', '=', channel)
    .limit(limit)
    .execute();
  return rows.length;
}

/**
 * The texts of a channel that are most similar to another text, most similar first, without those
 * whose common words could be chance.
 * @param candidates how many are compared
 */
export async function findSimilar(
  db: Db | Tx,
  index: Index,
  { channel, text }: { channel: string; text: string },
  candidates: number,
): Promise<IndexedText[]> {
  const terms = listTerms(text);
  if (terms.length === 0) return [];
  const table = sql.table(index);
  const found = await db
    .selectFrom(index)
    .select(['rowid as id', 'channel', COLUMNS[index].text.$castTo<string>().as('text')])
    .where(sql<boolean>`${table} match ${matchTerms(terms, 'any')}`)
    .where('channel', '=', channel)
    .orderBy(sql`bm25(${table})`)
    .orderBy(COLUMNS[index].newest, 'desc')
    .limit(candidates)
    .execute();
  return found.filter((one) => haveMuchInCommon(terms, one.text));
}

/** The texts of a channel that contain a phrase as it is. A phrase shorter than a term is not found. */
export async function findPhrase(
  db: Db | Tx,
  index: Index,
  { channel, phrase }: { channel: string; phrase: string },
): Promise<IndexedText[]> {
  const table = sql.table(index);
  return db
    .selectFrom(index)
    .select(['rowid as id', 'channel', COLUMNS[index].text.$castTo<string>().as('text')])
    .where(sql<boolean>`${table} match ${matchTerms([phrase], 'all')}`)
    .where('channel', '=', channel)
    .execute();
}

/** Removed texts slow down searching until they are merged away; this merges a few. */
export async function compactTexts(tx: Tx, index: Index): Promise<void> {
  const table = sql.table(index);
  await sql`insert into ${table} (${table}, rank) values ('merge', 200)`.execute(tx);
}
