import type { Kysely } from 'kysely';

/** What a run in trouble waits for, and who has asked to try it again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;

  // Why it waits (core/runs/trouble.ts), and since when: known while `trouble` is set.
  await schema.alterTable('runs').addColumn('trouble_cause', 'text').execute();
  await schema.alterTable('runs').addColumn('trouble_since', 'integer').execute();
  // When a person last asked to try it again.
  await schema.alterTable('runs').addColumn('retried_at', 'integer').execute();
  // That person, until they are told what came of it.
  await schema.alterTable('runs').addColumn('retried_by', 'text').execute();
}
