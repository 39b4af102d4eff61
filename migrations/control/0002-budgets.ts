import type { Kysely } from 'kysely';

/** What a workspace may spend a month. A process of the version before, which may still run, does not look at it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('workspaces')
    // Null: as MONTHLY_BUDGET_USD says. `none`: no limit. Otherwise US dollars, such as `25`.
    .addColumn('budget', 'text')
    .execute();
}
