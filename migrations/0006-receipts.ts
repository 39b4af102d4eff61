import { type Kysely, sql } from 'kysely';

/** One living post a run: a receipt that becomes the summary, and a summary that is filled in. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;

  // What was said when the run was opened: how many messages, and in 10⁻⁹ US dollars what they cost
  // at most; null when the price of the model is not known.
  await schema
    .alterTable('runs')
    .addColumn('expected_messages', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await schema.alterTable('runs').addColumn('expected_nano_usd', 'integer').execute();
  // When its summary was first written; a run may be open still. Null: it has told of nothing.
  await schema.alterTable('runs').addColumn('published_at', 'integer').execute();
  // Counts how often its posts were written: of two who have read it, only one writes.
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
