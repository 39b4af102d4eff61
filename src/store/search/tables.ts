export interface SearchTables {
  unindexed: { channel: string; ts: string };
  indexed_verdicts: { up_to: number };
}
