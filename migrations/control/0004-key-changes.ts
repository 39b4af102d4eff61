import type { Kysely } from 'kysely';

/**
 * Says when a workspace has to be started again with another key, which its sealed text does not: it also changes when
 * the same key is sealed anew. A process of the version before, which may still run, does not look at it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('workspaces')
    // How often its own key was set or removed; null: never since there is this column.
    .addColumn('key_changes', 'bigint')
    .execute();
}
