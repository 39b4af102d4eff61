import type { Generated } from 'kysely';

export interface TextIndexTables {
  /** `folded` is in PostgreSQL only: FTS5 folds texts itself. */
  examples: { rowid: number; channel: string; ts: string; text: string; folded: Generated<string> };
  theme_words: { rowid: number; channel: string; words: string; folded: Generated<string> };
  indexed: { id: number; channel: string; ts: string };
  words: { rowid: number; text: string };
}
