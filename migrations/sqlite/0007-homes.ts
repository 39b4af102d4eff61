import type { Kysely } from 'kysely';

/** The Home tabs that people opened in the last few minutes. Older rows are deleted. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('homes')
    .addColumn('user', 'text', (column) => column.primaryKey())
    // The page of the list of flagged messages, from 0.
    .addColumn('page', 'integer', (column) => column.notNull())
    // Why the last press of a button there was refused; null after the next press.
    .addColumn('notice', 'text')
    // When the person last opened the tab or pressed a button there.
    .addColumn('opened_at', 'integer', (column) => column.notNull())
    // When Slack was asked which channels the person is in; null: ask it.
    .addColumn('checked_at', 'integer')
    // How often the tab was requested, and the value of this counter when it was last drawn.
    .addColumn('asked', 'integer', (column) => column.notNull())
    .addColumn('drawn', 'integer', (column) => column.notNull())
    // A hash of what was shown; null when that is not known.
    .addColumn('shown', 'text')
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('next_at', 'integer', (column) => column.notNull())
    .execute();
}
