import { type Kysely, sql } from 'kysely';

/** What the command looks up and hands out: an index of all words, and exports on their way. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;

  // What is in the index. `id` grows with the time of the message, so the newest are found first;
  // the rows of `messages` have no number that would stay theirs.
  await schema
    .createTable('indexed')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('ts', 'text', (column) => column.notNull())
    .addUniqueConstraint('indexed_message', ['channel', 'ts'])
    .execute();
  // Only the index: the texts stand in `messages` and `verdicts`. `rowid` is that of `indexed`.
  await sql`create virtual table words using fts5 (text, content = '', contentless_delete = 1, tokenize = 'trigram')`.execute(
    db,
  );

  // Messages whose text is not in the index as it is now. Kept by triggers, so that nothing that
  // writes a message can forget it; `of` spares the columns that collecting changes.
  await sql`create table unindexed (channel text not null, ts text not null, primary key (channel, ts)) without rowid`.execute(
    db,
  );
  const notice = sql`begin insert into unindexed values (new.channel, new.ts) on conflict do nothing; end`;
  await sql`create trigger messages_came after insert on messages ${notice}`.execute(db);
  await sql`create trigger messages_changed after update of text, deleted_at on messages ${notice}`.execute(
    db,
  );
  await sql`insert into unindexed select channel, ts from messages`.execute(db);
  // Gists are gone through in the order of the verdicts: those up to here are in the index.
  await schema
    .createTable('indexed_verdicts')
    .addColumn('up_to', 'integer', (column) => column.notNull())
    .execute();
  await sql`insert into indexed_verdicts select coalesce(max(id), 0) from verdicts`.execute(db);

  // Files that people have asked for, each for one person alone.
  await schema
    .createTable('exports')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('format', 'text', (column) => column.notNull())
    // Messages posted from here on; null for all.
    .addColumn('since', 'integer')
    .addColumn('state', 'text', (column) => column.notNull())
    // How many it holds, its id at Slack, and the direct conversation that it goes to: known before
    // it is shared.
    .addColumn('messages', 'integer')
    .addColumn('file', 'text')
    .addColumn('im', 'text')
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('next_at', 'integer', (column) => column.notNull())
    .addColumn('trouble', 'text')
    .addColumn('asked_at', 'integer', (column) => column.notNull())
    .addColumn('ended_at', 'integer')
    .execute();
  // One at a time for a person and channel, however often they ask.
  await sql`create unique index one_open_export on exports (channel, user) where ended_at is null`.execute(
    db,
  );
  await sql`create index exports_open on exports (next_at) where ended_at is null`.execute(db);
}
