import { type Kysely, sql } from 'kysely';

/** What people set in Slack, their own time zone and language, and judging messages again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;

  // An IANA name and a language tag as Slack knows them. Null until looked up, or when it knows none.
  await schema.alterTable('users').addColumn('time_zone', 'text').execute();
  await schema.alterTable('users').addColumn('locale', 'text').execute();
  // Look everybody up again.
  await sql`update users set fetched_at = null`.execute(db);

  // The history of the settings. The last row counts; rows are never changed.
  await schema
    .createTable('settings')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    // All settings as JSON; null when those of the environment count again.
    .addColumn('content', 'text')
    .addColumn('taxonomy_version', 'integer', (column) => column.notNull())
    .addColumn('changed_by', 'text', (column) => column.notNull())
    .addColumn('changed_at', 'integer', (column) => column.notNull())
    .execute();

  // A channel whose messages somebody wants judged again under the new categories.
  await schema
    .createTable('rejudgements')
    .addColumn('settings', 'integer', (column) => column.notNull().references('settings.id'))
    .addColumn('channel', 'text', (column) => column.notNull().references('channels.id'))
    .addColumn('since_ts', 'text', (column) => column.notNull())
    // Messages up to here are marked; null before the first.
    .addColumn('marked_ts', 'text')
    .addColumn('stage', 'text', (column) => column.notNull())
    .addColumn('asked_by', 'text', (column) => column.notNull())
    .addColumn('asked_at', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('rejudgements_primary', ['settings', 'channel'])
    .execute();
  await sql`create index rejudgements_open on rejudgements (settings, channel) where stage != 'done'`.execute(
    db,
  );

  // Marks a judged message that the next run judges again. Its verdict counts until then.
  await schema
    .alterTable('messages')
    .addColumn('again', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await sql`create index messages_again on messages (channel, ts) where again = 1 and deleted_at is null`.execute(
    db,
  );
  // Marks a request for such a message.
  await schema
    .alterTable('requests')
    .addColumn('again', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}
