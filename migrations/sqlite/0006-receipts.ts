import { type Kysely, sql } from 'kysely';

/** Each run has one post: a receipt that becomes the summary, which late results are added to. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;

  // The estimate shown when the run was opened: how many messages, and the most they cost in 10⁻⁹ US
  // dollars; null when the price of the model is not known.
  await schema
    .alterTable('runs')
    .addColumn('expected_messages', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await schema.alterTable('runs').addColumn('expected_nano_usd', 'integer').execute();
  // When its summary was first written, which may be before the run ends. Null: nothing is published.
  await schema.alterTable('runs').addColumn('published_at', 'integer').execute();
  // Counts how often its posts were written. A writer that finds it changed since reading does not write.
  await schema
    .alterTable('runs')
    .addColumn('written', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await sql`update runs set published_at = ended_at where ended_at is not null and exists
    (select ts from messages where messages.channel = runs.channel and digest = runs.id)`.execute(
    db,
  );
  await sql`create index runs_published on runs (channel, id) where published_at is not null`.execute(
    db,
  );
}
