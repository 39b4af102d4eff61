import { type Kysely, sql } from 'kysely';

/** People act on what the bot shows: flags, reactions, corrections, and an audit log. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;

  // Guests may look but not act. Null until looked up.
  await schema.alterTable('users').addColumn('role', 'text').execute();
  // People who are in the channel, according to Slack.
  await schema
    .createTable('members')
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('seen_at', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('members_primary', ['channel', 'user'])
    .modifyEnd(sql`without rowid`)
    .execute();

  // The person who made the verdict: it is Claude's, with the category that they chose or confirmed.
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
    // When somebody last acted on it. The time until the reminder starts over then.
    .addColumn('touched_at', 'integer', (column) => column.notNull())
    .addColumn('reminded_at', 'integer')
    .addPrimaryKeyConstraint('flags_primary', ['channel', 'ts'])
    .addForeignKeyConstraint('flags_message', ['channel', 'ts'], 'messages', ['channel', 'ts'])
    .modifyEnd(sql`without rowid`)
    .execute();
  await sql`create index flags_open on flags (channel, opened_at) where state in ('open', 'claimed')`.execute(
    db,
  );

  // The posts (by outbox key) that show a message as a card: one in each digest that published it.
  await schema
    .createTable('cards')
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('ts', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('cards_primary', ['channel', 'ts', 'key'])
    .modifyEnd(sql`without rowid`)
    .execute();

  // The audit log: what people did, in order, and what came of it. Once an act is taken, only its
  // `undone_by` changes.
  await schema
    .createTable('acts')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('ts', 'text', (column) => column.notNull())
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    // The category that a correction chose or a confirmation confirmed.
    .addColumn('category', 'text')
    .addColumn('source', 'text', (column) => column.notNull())
    // The act that this one undoes, and the act that undid this one.
    .addColumn('undoes', 'integer', (column) => column.references('acts.id'))
    .addColumn('undone_by', 'integer', (column) => column.references('acts.id'))
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('refusal', 'text')
    .addColumn('at', 'integer', (column) => column.notNull())
    // The state of the message before and after, as JSON.
    .addColumn('before', 'text')
    .addColumn('after', 'text')
    .execute();
  await schema.createIndex('acts_by_message').on('acts').columns(['channel', 'ts', 'id']).execute();
  await sql`create index acts_asked on acts (id) where state = 'asked'`.execute(db);

  // Every reaction of a person on a message or a post, present or removed according to the latest event.
  // A reaction on a post whose ts is not known yet waits here.
  await schema
    .createTable('reactions')
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('item_ts', 'text', (column) => column.notNull())
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('present', 'integer', (column) => column.notNull())
    .addColumn('changed_ts', 'text', (column) => column.notNull())
    // When the bot learned of it, by its own clock.
    .addColumn('heard_at', 'integer', (column) => column.notNull())
    .addColumn('act', 'integer', (column) => column.references('acts.id'))
    .addPrimaryKeyConstraint('reactions_primary', ['channel', 'item_ts', 'user', 'name'])
    .modifyEnd(sql`without rowid`)
    .execute();

  await sql`create index outbox_posted on outbox (channel, posted_ts) where posted_ts is not null`.execute(
    db,
  );
  // Finds the replies to a post and its waiting updates.
  await sql`create index outbox_parent on outbox (parent) where parent is not null`.execute(db);

  // When something that a digest shows changed, first and last. Null while the digest is up to date.
  await schema.alterTable('runs').addColumn('stale_since', 'integer').execute();
  await schema.alterTable('runs').addColumn('stale_at', 'integer').execute();
  await sql`create index runs_stale on runs (stale_at) where stale_at is not null`.execute(db);

  // The messages (their ts, as JSON) that Claude was shown as examples with this one.
  await schema.alterTable('requests').addColumn('examples', 'text').execute();

  // The words of messages whose category people corrected or confirmed. The nearest become examples.
  // `rowid` is that of the verdict.
  await sql`create virtual table examples using fts5 (channel unindexed, ts unindexed, text, tokenize = 'trigram')`.execute(
    db,
  );
}
