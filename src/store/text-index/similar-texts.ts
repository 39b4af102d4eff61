import type { Db, Tx } from '../db/tables.ts';
import { selectTexts } from './columns.ts';
import type { IndexedText, SimilarIndex, TextRow } from './engine.ts';
import { engineFor } from './engines.ts';
import { haveMuchInCommon, listTerms } from './terms.ts';

/**
 * Indexes of texts, found by the words that they share with another text. Only texts of the same
 * channel are found, because another channel may be private.
 */

/** @param rows with ids that are not in the index */
export async function addTexts<I extends SimilarIndex>(
  tx: Tx,
  index: I,
  rows: TextRow<I>[],
): Promise<void> {
  if (rows.length > 0) await engineFor(tx).add(tx, index, rows);
}

/** Which of some texts are in the index, in any order. */
export async function readTexts(
  db: Db | Tx,
  index: SimilarIndex,
  ids: number[],
): Promise<IndexedText[]> {
  if (ids.length === 0) return [];
  return selectTexts(db, index).where('rowid', 'in', ids).execute();
}

export async function removeTexts(tx: Tx, index: SimilarIndex, ids: number[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.deleteFrom(index).where('rowid', 'in', ids).execute();
}

/** How many texts of a channel are in the index, counted up to `limit`. */
export async function countTexts(
  db: Db | Tx,
  index: SimilarIndex,
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
  index: SimilarIndex,
  { channel, text }: { channel: string; text: string },
  candidates: number,
): Promise<IndexedText[]> {
  const terms = listTerms(text);
  if (terms.length === 0) return [];
  const found = await engineFor(db).rank(db, index, { channel, terms }, candidates);
  return found.filter((one) => haveMuchInCommon(terms, one.text));
}

/** The texts of a channel that contain a phrase as it is. A phrase shorter than a term is not found. */
export const findPhrase = (
  db: Db | Tx,
  index: SimilarIndex,
  about: { channel: string; phrase: string },
): Promise<IndexedText[]> => engineFor(db).containing(db, index, about);

/** Removed texts slow down searching until they are merged away; this merges a few. */
export const compactTexts = (tx: Tx, index: SimilarIndex): Promise<void> =>
  engineFor(tx).compact(tx, index);
