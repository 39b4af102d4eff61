import { type Kysely, sql } from 'kysely';

/**
 * Indexes for foreign keys that had none. When a workspace is deleted, PostgreSQL looks for each deleted row whether
 * another one refers to it: without an index it reads all messages of the workspace for each run. SQLite needs none,
 * because there a workspace is deleted with its file.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const [table, column] of KEYS) {
    await sql`create index ${sql.ref(`${table}_for_${column}`)} on ${sql.table(table)}
      (team, ${sql.ref(column)}) where ${sql.ref(column)} is not null`.execute(db);
  }
}

const KEYS: [table: string, column: string][] = [
  ['acts', 'undone_by'],
  ['acts', 'undoes'],
  ['messages', 'digest'],
  ['messages', 'forgotten'],
  ['messages', 'run'],
  ['reactions', 'act'],
  ['rejudgements', 'channel'],
  ['rehearsals', 'taxonomy_version'],
  ['replies', 'forgotten'],
  ['runs', 'taxonomy_version'],
  ['theme_merges', 'other'],
  ['theme_merges', 'run'],
  ['themes', 'forgotten'],
  ['themes', 'run'],
  ['topics', 'forgotten'],
  ['topics', 'run'],
  ['verdicts', 'run'],
];
