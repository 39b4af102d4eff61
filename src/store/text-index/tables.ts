export interface TextIndexTables {
  examples: { rowid: number; channel: string; ts: string; text: string };
  theme_words: { rowid: number; channel: string; words: string };
  indexed: { id: number; channel: string; ts: string };
  words: { rowid: number; text: string };
}
