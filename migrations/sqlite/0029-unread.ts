import type { Kysely } from 'kysely';

/**
 * What has still to be read: parts of the history of a channel (`thread_ts` is empty), and of threads. `look_back`: it
 * was read before, and is read again for edits and deletions. `own`: a thread of the bot, where only reactions count.
 * `swept_at` says when history was read up to `swept_ts`.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('unread')
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('thread_ts', 'text', (column) => column.notNull())
    .addColumn('oldest', 'text', (column) => column.notNull())
    .addColumn('latest', 'text', (column) => column.notNull())
    .addColumn('look_back', 'integer', (column) => column.notNull())
    .addColumn('own', 'integer', (column) => column.notNull())
    .addColumn('asked_at', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('unread_pk', ['channel', 'thread_ts', 'oldest'])
    .execute();
  await db.schema.alterTable('channels').addColumn('swept_at', 'integer').execute();
}
