import type { Db, Tables, Tx } from '../db/tables.ts';

/** What full-text search needs of a database. */
export interface TextIndexEngine {
  /** @param rows with ids that are not in the index */
  add<I extends SimilarIndex>(tx: Tx, index: I, rows: TextRow<I>[]): Promise<void>;
  /** The texts of a channel that have any of some terms, those that have most of the rare ones first. */
  rank(
    db: Db | Tx,
    index: SimilarIndex,
    about: { channel: string; terms: string[] },
    limit: number,
  ): Promise<IndexedText[]>;
  /** The texts of a channel that contain a phrase of three characters or more. */
  containing(
    db: Db | Tx,
    index: SimilarIndex,
    about: { channel: string; phrase: string },
  ): Promise<IndexedText[]>;
  /** Makes room of a few removed texts. */
  compact(tx: Tx, index: SimilarIndex): Promise<void>;
  /** Messages that have all or any of some terms, the newest first: `ts` is null for those of other channels. */
  findWords(
    db: Db,
    wanted: { channel: string; terms: string[]; which: 'all' | 'any'; before: number },
    limit: number,
  ): Promise<{ id: number; ts: string | null }[]>;
  /** See `mergeWords` in message-words.ts. */
  mergeWords(tx: Tx, begin: boolean): Promise<boolean>;
}

export type SimilarIndex = 'examples' | 'theme_words';

export type TextRow<I extends SimilarIndex> = Omit<Tables[I], 'rowid' | 'folded'> & { id: number };

export interface IndexedText {
  id: number;
  channel: string;
  text: string;
}
