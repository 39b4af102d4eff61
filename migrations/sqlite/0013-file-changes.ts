import type { Kysely } from 'kysely';

/** Files that have changed, such as clips that have a transcript now, until their messages are read. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('file_changes')
    .addColumn('file', 'text', (column) => column.primaryKey())
    .addColumn('heard_at', 'integer', (column) => column.notNull())
    .execute();
}
