import type { Kysely } from 'kysely';

/** The workspace that all rows of the file belong to. Nothing until the bot has started with it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('workspace')
    .addColumn('team', 'text', (column) => column.notNull())
    .execute();
}
