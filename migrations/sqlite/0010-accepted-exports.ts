import type { Kysely } from 'kysely';

/** Slack accepts the file of an export first, and shares it later. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('exports').addColumn('accepted_at', 'integer').execute();
}
