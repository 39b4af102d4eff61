import type { Kysely } from 'kysely';

/** Why a message was dismissed, and which message it repeats: as somebody said it, and as it stands. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['acts', 'flags']) {
    // known, duplicate, as_meant, not_ours or no_feedback; null: nobody has said why.
    await db.schema.alterTable(table).addColumn('reason', 'text').execute();
    // The ts of a message of the same channel.
    await db.schema.alterTable(table).addColumn('duplicate_of', 'text').execute();
  }
}
