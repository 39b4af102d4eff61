import { sql } from 'kysely';
import type { Db, Tx } from '../db/tables.ts';
import type { SimilarIndex } from './engine.ts';

/** The column of the text in each index. */
export const TEXT = { examples: sql.ref<string>('text'), theme_words: sql.ref<string>('words') };

/** The column that puts the newer of two equally similar texts first. */
export const NEWEST = { examples: sql.ref('ts'), theme_words: sql.ref('rowid') };

export const selectTexts = (db: Db | Tx, index: SimilarIndex) =>
  db.selectFrom(index).select(['rowid as id', 'channel', TEXT[index].as('text')]);
