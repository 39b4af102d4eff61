import { type Kysely, sql } from 'kysely';

/** How often verdicts are right: people are asked about messages that were picked at random. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;

  // What was picked from, with the first summary of a week.
  await schema
    .createTable('honesty_draws')
    .addColumn('run', 'integer', (column) => column.primaryKey().references('runs.id'))
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('drawn_at', 'integer', (column) => column.notNull())
    // The last verdict of that time. The next draw picks from what was judged after it.
    .addColumn('last_verdict', 'integer', (column) => column.notNull())
    // How many messages of each category there were to pick from, as JSON.
    .addColumn('messages', 'text', (column) => column.notNull())
    .execute();
  await schema
    .createIndex('honesty_draws_by_channel')
    .on('honesty_draws')
    .columns(['channel', 'drawn_at'])
    .execute();

  // A picked message, with what Claude had said of it. What people answer are acts, by their source.
  await schema
    .createTable('honesty_questions')
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('ts', 'text', (column) => column.notNull())
    .addColumn('run', 'integer', (column) => column.notNull().references('honesty_draws.run'))
    // In the post, from 0.
    .addColumn('place', 'integer', (column) => column.notNull())
    // The text that was judged: an edit ends the question.
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('category', 'text', (column) => column.notNull())
    .addColumn('taxonomy_version', 'integer', (column) => column.notNull())
    .addColumn('model', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('honesty_questions_primary', ['channel', 'ts'])
    .modifyEnd(sql`without rowid`)
    .execute();
  await schema
    .createIndex('honesty_questions_by_run')
    .on('honesty_questions')
    .columns(['run', 'place'])
    .execute();
  await sql`create index acts_on_honesty on acts (channel, ts, id) where source = 'honesty'`.execute(
    db,
  );
}
