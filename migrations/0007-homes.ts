import type { Kysely } from 'kysely';

/** The Home tabs that people look at now: rows of the last few minutes, gone afterwards. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('homes')
    .addColumn('user', 'text', (column) => column.primaryKey())
    // Which page of what needs a person, from 0.
    .addColumn('page', 'integer', (column) => column.notNull())
    // Why what was pressed there came to nothing, until something else is.
    .addColumn('notice', 'text')
    // Last opened, or pressed something in.
    .addColumn('opened_at', 'integer', (column) => column.notNull())
    // When Slack has said which channels they are in; null: it is to be asked.
    .addColumn('checked_at', 'integer')
    // How often it was asked for, and how often it had been when it was last shown.
    .addColumn('asked', 'integer', (column) => column.notNull())
    .addColumn('drawn', 'integer', (column) => column.notNull())
    // A digest of what was shown; null when that is not known.
    .addColumn('shown', 'text')
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('next_at', 'integer', (column) => column.notNull())
    .execute();
}
