import { type Kysely, sql } from 'kysely';

/** Search and export: an index of all words, and the exports in progress. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;

  // The messages in the index. `id` grows with the time of the message, so that the newest are found
  // first. Rows of `messages` have no stable number of their own.
  await schema
    .createTable('indexed')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('ts', 'text', (column) => column.notNull())
    .addUniqueConstraint('indexed_message', ['channel', 'ts'])
    .execute();
  // Only the index; the texts are in `messages` and `verdicts`. `rowid` is that of `indexed`.
  await sql`create virtual table words using fts5 (text, content = '', contentless_delete = 1, tokenize = 'trigram')`.execute(
    db,
  );

  // Messages whose current text is not in the index. Triggers fill it, so that no code that writes a
  // message can forget to; `of` skips the columns that collecting changes.
  await sql`create table unindexed (channel text not null, ts text not null, primary key (channel, ts)) without rowid`.execute(
    db,
  );
  const notice = sql`begin insert into unindexed values (new.channel, new.ts) on conflict do nothing; end`;
  await sql`create trigger messages_came after insert on messages ${notice}`.execute(db);
  await sql`create trigger messages_changed after update of text, deleted_at on messages ${notice}`.execute(
    db,
  );
  await sql`insert into unindexed select channel, ts from messages`.execute(db);
  // Gists are indexed in the order of their verdicts; those up to this one are in the index.
  await schema
    .createTable('indexed_verdicts')
    .addColumn('up_to', 'integer', (column) => column.notNull())
    .execute();
  await sql`insert into indexed_verdicts select coalesce(max(id), 0) from verdicts`.execute(db);

  // Files that people asked for. Each is for one person only.
  await schema
    .createTable('exports')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('format', 'text', (column) => column.notNull())
    // Messages posted from here on; null for all.
    .addColumn('since', 'integer')
    .addColumn('state', 'text', (column) => column.notNull())
    // How many messages it has, its id in Slack, and the direct conversation that it goes to. All are
    // known before it is shared.
    .addColumn('messages', 'integer')
    .addColumn('file', 'text')
    .addColumn('im', 'text')
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('next_at', 'integer', (column) => column.notNull())
    .addColumn('trouble', 'text')
    .addColumn('asked_at', 'integer', (column) => column.notNull())
    .addColumn('ended_at', 'integer')
    .execute();
  // A person has at most one open export for each channel.
  await sql`create unique index one_open_export on exports (channel, user) where ended_at is null`.execute(
    db,
  );
  await sql`create index exports_open on exports (next_at) where ended_at is null`.execute(db);
}
