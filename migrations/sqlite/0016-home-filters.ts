import type { Kysely } from 'kysely';

/** What each person has chosen to see on their Home tab. It outlives the tab's row in `homes`. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('home_filters')
    .addColumn('user', 'text', (column) => column.primaryKey())
    // all, mine (claimed by this person) or unclaimed.
    .addColumn('whose', 'text', (column) => column.notNull())
    // The key of a category; '': messages that were not classified; null: all.
    .addColumn('category', 'text')
    // Null: all channels.
    .addColumn('channel', 'text')
    .execute();
}
