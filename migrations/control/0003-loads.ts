import type { Kysely } from 'kysely';

/** How busy a workspace is. A process of the version before, which may still run, does not look at it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('workspaces')
    // On the average of about a day; 0 until its owner has measured it.
    .addColumn('writes_per_hour', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
}
