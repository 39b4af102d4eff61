import type { Kysely } from 'kysely';

/** Summaries that were found in Slack, because the database was restored or begun anew, stay as they are. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('runs')
    .addColumn('adopted', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}
