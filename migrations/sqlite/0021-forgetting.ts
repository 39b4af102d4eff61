import { type Kysely, sql } from 'kysely';

/** What people or time make the bot forget: the texts go, the numbers stay. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;

  // Each act of forgetting, with how far it is; afterwards it is the audit log. No row holds a text.
  await schema
    .createTable('forgettings')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    // message: one message, with its thread. person: all that a person has written. deleted: what was
    // deleted in Slack. old: what is older than RETENTION_DAYS.
    .addColumn('kind', 'text', (column) => column.notNull())
    // Where a person asked for it.
    .addColumn('channel', 'text')
    // The message, or the person.
    .addColumn('ts', 'text')
    .addColumn('person', 'text')
    // What the person is called, until nothing needs it any more; and whether what integrations have posted
    // under that name is forgotten, too.
    .addColumn('name', 'text')
    .addColumn('by_name', 'integer', (column) => column.notNull())
    // Only what was posted, or deleted, before this moment.
    .addColumn('before', 'integer', (column) => column.notNull())
    // Who asked for it; null: the bot itself.
    .addColumn('by', 'text')
    .addColumn('asked_at', 'integer', (column) => column.notNull())
    .addColumn('stage', 'text', (column) => column.notNull())
    // The last row of the outbox that was looked at, and when the last one was.
    .addColumn('looked_at', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('shown_at', 'integer')
    .addColumn('messages', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('replies', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('ended_at', 'integer')
    .execute();
  await sql`create index forgettings_open on forgettings (id) where ended_at is null`.execute(db);
  await sql`create index forgettings_of_people on forgettings (person) where person is not null`.execute(
    db,
  );

  // The act that has made the bot forget it: its text, or the message that the title came from.
  for (const table of ['messages', 'replies', 'themes']) {
    await schema
      .alterTable(table)
      .addColumn('forgotten', 'integer', (column) => column.references('forgettings.id'))
      .execute();
  }
  await sql`create index messages_by_author on messages (author) where forgotten is null`.execute(
    db,
  );
  await sql`create index messages_by_reporter on messages (reporter) where forgotten is null`.execute(
    db,
  );
  await sql`create index messages_remembered on messages (posted_at) where forgotten is null`.execute(
    db,
  );
  await sql`create index messages_deleted on messages (deleted_at)
    where forgotten is null and deleted_at is not null`.execute(db);
  await sql`create index replies_by_author on replies (author) where forgotten is null`.execute(db);
  await sql`create index replies_remembered on replies (ts) where forgotten is null`.execute(db);
  await sql`create index replies_deleted on replies (deleted_at)
    where forgotten is null and deleted_at is not null`.execute(db);

  // Otherwise the words of what is deleted stay in the index until it is merged. `words` cannot do this:
  // it is merged instead.
  for (const index of ['examples', 'theme_words']) {
    await sql`insert into ${sql.table(index)} (${sql.table(index)}, rank) values ('secure-delete', 1)`.execute(
      db,
    );
  }
}
