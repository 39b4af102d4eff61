import type { Kysely } from 'kysely';

/**
 * The second category of a message that does two things. On a verdict null means none. On an act null means
 * that the person said nothing about it, and '' that the message has none.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('verdicts').addColumn('also', 'text').execute();
  await db.schema.alterTable('acts').addColumn('also', 'text').execute();
}
