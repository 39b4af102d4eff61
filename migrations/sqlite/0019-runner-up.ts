import type { Kysely } from 'kysely';

/** The category that Claude held to be the second likeliest; null: none, or an answer from before. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('verdicts').addColumn('runner_up', 'text').execute();
}
