import { type Kysely, sql } from 'kysely';

/** Themes: messages that ask for the same thing, grouped across days. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;

  // A theme of one message exists so that others can join it; people see themes of two or more.
  await schema
    .createTable('themes')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('channel', 'text', (column) => column.notNull().references('channels.id'))
    // The gist of its message `named_by`. When that message is deleted or leaves, another one gives the title.
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('named_by', 'text', (column) => column.notNull())
    // The run that made it; null when a person made it by taking a message out of another theme.
    .addColumn('run', 'integer', (column) => column.references('runs.id'))
    .addColumn('created_at', 'integer', (column) => column.notNull())
    // When a message last joined it.
    .addColumn('touched_at', 'integer', (column) => column.notNull())
    // The theme that a person merged it into.
    .addColumn('merged_into', 'integer', (column) => column.references('themes.id'))
    // Whether it is in `theme_words`. Only recently used themes are.
    .addColumn('indexed', 'integer', (column) => column.notNull())
    .execute();
  await sql`create index themes_indexed on themes (channel, touched_at, id) where indexed = 1`.execute(
    db,
  );
  await schema
    .createIndex('themes_by_name')
    .on('themes')
    .columns(['channel', 'named_by'])
    .execute();

  // A message is in at most one theme. `revision` is that of the text that was grouped.
  await schema
    .createTable('theme_members')
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('ts', 'text', (column) => column.notNull())
    .addColumn('theme', 'integer', (column) => column.notNull().references('themes.id'))
    .addColumn('revision', 'integer', (column) => column.notNull())
    // Who took it out of another theme, and which theme that was. Claude never puts it back there.
    .addColumn('person', 'text')
    .addColumn('taken_from', 'integer', (column) => column.references('themes.id'))
    .addColumn('at', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('theme_members_primary', ['channel', 'ts'])
    .addForeignKeyConstraint('theme_members_message', ['channel', 'ts'], 'messages', [
      'channel',
      'ts',
    ])
    .modifyEnd(sql`without rowid`)
    .execute();
  await schema
    .createIndex('theme_members_by_theme')
    .on('theme_members')
    .columns(['theme', 'ts'])
    .execute();
  await sql`create index theme_members_taken on theme_members (taken_from, ts) where taken_from is not null`.execute(
    db,
  );

  // The words that find a theme: its title and the gists of its last messages. `rowid` is its id.
  await sql`create virtual table theme_words using fts5 (channel unindexed, words, tokenize = 'trigram')`.execute(
    db,
  );

  // Two themes that may be the same. Each pair is proposed once; people decide.
  await schema
    .createTable('theme_merges')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('channel', 'text', (column) => column.notNull())
    // The older theme, which stays, and the one that is merged into it.
    .addColumn('one', 'integer', (column) => column.notNull().references('themes.id'))
    .addColumn('other', 'integer', (column) => column.notNull().references('themes.id'))
    .addColumn('run', 'integer', (column) => column.notNull().references('runs.id'))
    .addColumn('state', 'text', (column) => column.notNull())
    // The merged theme and the messages (their ts) that moved out of it, as JSON, to undo the merge.
    .addColumn('moved', 'text')
    .addColumn('by', 'text')
    .addColumn('at', 'integer', (column) => column.notNull())
    .addUniqueConstraint('theme_merges_pair', ['one', 'other'])
    .execute();
  await sql`create index theme_merges_open on theme_merges (channel, id) where state in ('proposed', 'merged')`.execute(
    db,
  );

  // The audit log of what people did to themes, in order. An act is first asked, then taken or refused.
  await schema
    .createTable('theme_acts')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    // The message with the theme that it leaves or returns to; or the merge.
    .addColumn('ts', 'text')
    .addColumn('theme', 'integer')
    .addColumn('merge', 'integer')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('refusal', 'text')
    .addColumn('at', 'integer', (column) => column.notNull())
    .execute();
  await sql`create index theme_acts_asked on theme_acts (id) where state = 'asked'`.execute(db);

  // How far a run's new messages are grouped, and what Claude billed for it. Money is in 10⁻⁹ US
  // dollars; null when the price of the model is not known.
  await schema
    .createTable('groupings')
    .addColumn('run', 'integer', (column) => column.primaryKey().references('runs.id'))
    .addColumn('stage', 'text', (column) => column.notNull())
    .addColumn('since', 'integer', (column) => column.notNull())
    .addColumn('next_at', 'integer', (column) => column.notNull())
    // Failed tries in a row; requests with a usable answer.
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('requests', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('input_tokens', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('output_tokens', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('nano_usd', 'integer', (column) => column.defaultTo(0))
    .execute();

  // The themes (their ids, as JSON) that Claude was offered with a message, and its choice.
  await schema.alterTable('requests').addColumn('themes', 'text').execute();
  await schema.alterTable('verdicts').addColumn('theme', 'integer').execute();
}
