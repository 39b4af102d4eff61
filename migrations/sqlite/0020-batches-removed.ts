import { type Kysely, sql } from 'kysely';

/** Batches are deleted at Claude once their results are stored: when, or when to try it next. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;

  // When Claude said that it no longer has the batch.
  await schema.alterTable('batches').addColumn('removed_at', 'integer').execute();
  await schema
    .alterTable('batches')
    .addColumn('remove_at', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await schema
    .alterTable('batches')
    .addColumn('remove_attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await sql`create index batches_to_remove on batches (remove_at)
    where stage = 'collected' and removed_at is null and claude_id is not null`.execute(db);
}
