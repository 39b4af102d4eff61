import { type Kysely, sql } from 'kysely';

/** People act on what the bot shows: flags, their reactions, corrections, and a log of all of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;

  // Guests may look and not act. Null until looked up.
  await schema.alterTable('users').addColumn('role', 'text').execute();
  // People of whom Slack has said that they are in the channel.
  await schema
    .createTable('members')
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('seen_at', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('members_primary', ['channel', 'user'])
    .modifyEnd(sql`without rowid`)
    .execute();

  // A verdict by a person: Claude's, with the category that they have chosen or confirmed.
  await schema.alterTable('verdicts').addColumn('person', 'text').execute();

  // A message that needs a person.
  await schema
    .createTable('flags')
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('ts', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    // Who claimed, resolved or dismissed it.
    .addColumn('by', 'text')
    .addColumn('opened_at', 'integer', (column) => column.notNull())
    .addColumn('changed_at', 'integer', (column) => column.notNull())
    // When somebody last did anything about it: a reminder waits from then on.
    .addColumn('touched_at', 'integer', (column) => column.notNull())
    .addColumn('reminded_at', 'integer')
    .addPrimaryKeyConstraint('flags_primary', ['channel', 'ts'])
    .addForeignKeyConstraint('flags_message', ['channel', 'ts'], 'messages', ['channel', 'ts'])
    .modifyEnd(sql`without rowid`)
    .execute();
  await sql`create index flags_open on flags (channel, opened_at) where state in ('open', 'claimed')`.execute(
    db,
  );

  // The posts (their outbox keys) that show a message as a card: one in each digest that told of it.
  await schema
    .createTable('cards')
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('ts', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('cards_primary', ['channel', 'ts', 'key'])
    .modifyEnd(sql`without rowid`)
    .execute();

  // What people did, in its order, and what came of it: the audit log. Rows are never changed after
  // they were taken, but for `undone_by`.
  await schema
    .createTable('acts')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('ts', 'text', (column) => column.notNull())
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    // What was chosen, by a correction; what was confirmed, by a confirmation.
    .addColumn('category', 'text')
    .addColumn('source', 'text', (column) => column.notNull())
    // The act that this one takes back, and the one that took this one back.
    .addColumn('undoes', 'integer', (column) => column.references('acts.id'))
    .addColumn('undone_by', 'integer', (column) => column.references('acts.id'))
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('refusal', 'text')
    .addColumn('at', 'integer', (column) => column.notNull())
    // How the message stood before and after, as JSON.
    .addColumn('before', 'text')
    .addColumn('after', 'text')
    .execute();
  await schema.createIndex('acts_by_message').on('acts').columns(['channel', 'ts', 'id']).execute();
  await sql`create index acts_asked on acts (id) where state = 'asked'`.execute(db);

  // Every person's reaction on a message or a post, there or taken back, by the event that came
  // last. On a post whose ts is not known yet it waits for it.
  await schema
    .createTable('reactions')
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('item_ts', 'text', (column) => column.notNull())
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('present', 'integer', (column) => column.notNull())
    .addColumn('changed_ts', 'text', (column) => column.notNull())
    // When we heard of it, by our clock.
    .addColumn('heard_at', 'integer', (column) => column.notNull())
    .addColumn('act', 'integer', (column) => column.references('acts.id'))
    .addPrimaryKeyConstraint('reactions_primary', ['channel', 'item_ts', 'user', 'name'])
    .modifyEnd(sql`without rowid`)
    .execute();

  await sql`create index outbox_posted on outbox (channel, posted_ts) where posted_ts is not null`.execute(
    db,
  );
  // Changes of posts wait for the post: to find those that wait already.
  await sql`create index outbox_parent on outbox (parent) where parent is not null`.execute(db);

  // Something that a digest tells has changed, first and last: it is to be told anew.
  await schema.alterTable('runs').addColumn('stale_since', 'integer').execute();
  await schema.alterTable('runs').addColumn('stale_at', 'integer').execute();
  await sql`create index runs_stale on runs (stale_at) where stale_at is not null`.execute(db);

  // The messages (their ts, as JSON) that were shown to Claude as examples beside this one.
  await schema.alterTable('requests').addColumn('examples', 'text').execute();

  // What people have corrected or confirmed, by its words: the nearest become examples. `rowid` is
  // that of the verdict.
  await sql`create virtual table examples using fts5 (channel unindexed, ts unindexed, text, tokenize = 'trigram')`.execute(
    db,
  );
}
