import { type Kysely, sql } from 'kysely';

/** Two ways to Claude: batches, and express, message by message. A summary may have a time. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;

  // The lane that the run began in, and why.
  await schema
    .alterTable('runs')
    .addColumn('lane', 'text', (column) => column.notNull().defaultTo('batch'))
    .execute();
  await schema
    .alterTable('runs')
    .addColumn('lane_reason', 'text', (column) => column.notNull().defaultTo('half price'))
    .execute();
  // When its summary is due. Null: as soon as its results are there.
  await schema.alterTable('runs').addColumn('due_at', 'integer').execute();
  // When what was posted meanwhile was claimed, shortly before its summary is due.
  await schema.alterTable('runs').addColumn('finishing_at', 'integer').execute();
  // When the rest of it was taken from its batches to be judged express, why, and by whom.
  await schema.alterTable('runs').addColumn('hurried_at', 'integer').execute();
  await schema.alterTable('runs').addColumn('hurry_reason', 'text').execute();
  await schema.alterTable('runs').addColumn('hurried_by', 'text').execute();

  await sql`create index runs_hurried on runs (id) where hurried_at is not null`.execute(db);
  await sql`create index runs_due on runs (channel, due_at) where due_at is not null`.execute(db);

  await schema
    .alterTable('batches')
    .addColumn('lane', 'text', (column) => column.notNull().defaultTo('batch'))
    .execute();
  // Answers that were billed in this batch and in another lane as well.
  await schema
    .alterTable('batches')
    .addColumn('paid_twice', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();

  // How often it was sent express without an answer that is known: each may have been billed.
  await schema
    .alterTable('requests')
    .addColumn('asks', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  // What a first look says: what is urgent is judged first.
  await schema
    .alterTable('requests')
    .addColumn('urgent', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  // The batch that it was taken from before it was known whether the batch has answered it.
  await schema.alterTable('requests').addColumn('moved_from', 'integer').execute();
  await sql`create index requests_moved on requests (moved_from, ts) where moved_from is not null`.execute(
    db,
  );
}
