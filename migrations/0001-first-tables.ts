import { type Kysely, sql } from 'kysely';

/**
 * Times are integers in ms since 1970, ids and JSON are text, yes and no are 1 and 0: what every
 * SQL database has. Slack's timestamps (`ts`) are identities and stay text.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;

  await schema
    .createTable('channels')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    // Messages count from here on; null until it is known when the bot came.
    .addColumn('since_ts', 'text')
    // History has been read without a gap up to here.
    .addColumn('swept_ts', 'text')
    .addColumn('invited_by', 'text')
    // Whether taking in older messages is to be offered to whoever invited the bot.
    .addColumn('offer', 'text', (column) => column.notNull())
    .execute();

  await schema
    .createTable('users')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text')
    .addColumn('fetched_at', 'integer')
    .execute();

  await schema
    .createTable('taxonomies')
    .addColumn('version', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('content', 'text', (column) => column.notNull().unique())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .execute();

  await schema
    .createTable('runs')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('channel', 'text', (column) => column.notNull().references('channels.id'))
    .addColumn('stage', 'text', (column) => column.notNull())
    .addColumn('cause', 'text', (column) => column.notNull())
    .addColumn('requested_by', 'text')
    .addColumn('with_digest', 'integer', (column) => column.notNull())
    .addColumn('taxonomy_version', 'integer', (column) =>
      column.notNull().references('taxonomies.version'),
    )
    .addColumn('model', 'text', (column) => column.notNull())
    // Only messages collected up to here are claimed: what comes later is for the next run.
    .addColumn('claim_until', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('ended_at', 'integer')
    // Who has canceled it: what is not at Claude yet is given back, the rest is asked to end.
    .addColumn('canceled_by', 'text')
    .addColumn('trouble', 'text')
    .execute();
  // One open run a channel, whoever asks and however often.
  await sql`create unique index one_open_run on runs (channel) where ended_at is null`.execute(db);

  await schema
    .createTable('messages')
    .addColumn('channel', 'text', (column) => column.notNull().references('channels.id'))
    .addColumn('ts', 'text', (column) => column.notNull())
    .addColumn('thread_ts', 'text')
    .addColumn('author', 'text')
    .addColumn('author_name', 'text')
    .addColumn('text', 'text', (column) => column.notNull())
    // Counts the texts that this message had: a verdict belongs to one of them.
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('edited_ts', 'text')
    .addColumn('posted_at', 'integer', (column) => column.notNull())
    .addColumn('collected_at', 'integer', (column) => column.notNull())
    .addColumn('deleted_at', 'integer')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('run', 'integer', (column) => column.references('runs.id'))
    .addColumn('tries', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('trouble', 'text')
    .addColumn('verdict', 'integer')
    // The run whose digest told of the current verdict.
    .addColumn('digest', 'integer', (column) => column.references('runs.id'))
    .addPrimaryKeyConstraint('messages_primary', ['channel', 'ts'])
    .execute();
  await sql`create index messages_by_state on messages (channel, state, ts) where deleted_at is null`.execute(
    db,
  );
  await sql`create index messages_untold on messages (channel, ts) where digest is null and deleted_at is null`.execute(
    db,
  );

  await sql`create index messages_by_digest on messages (channel, digest, ts) where digest is not null`.execute(
    db,
  );

  await schema
    .createTable('replies')
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('ts', 'text', (column) => column.notNull())
    .addColumn('thread_ts', 'text', (column) => column.notNull())
    .addColumn('author', 'text')
    .addColumn('author_name', 'text')
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('edited_ts', 'text')
    .addColumn('deleted_at', 'integer')
    .addPrimaryKeyConstraint('replies_primary', ['channel', 'ts'])
    .execute();
  await schema
    .createIndex('replies_by_thread')
    .on('replies')
    .columns(['channel', 'thread_ts', 'ts'])
    .execute();

  await schema
    .createTable('batches')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('run', 'integer', (column) => column.notNull().references('runs.id'))
    .addColumn('stage', 'text', (column) => column.notNull())
    // Claude's id of the batch, known once `create` has answered or its orphan was found.
    .addColumn('claude_id', 'text')
    .addColumn('adopted', 'integer', (column) => column.notNull().defaultTo(0))
    // Claude has been asked to cancel it.
    .addColumn('cancel_asked', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('submitted_at', 'integer')
    .addColumn('ended_at', 'integer')
    .addColumn('next_at', 'integer', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    // What Claude has billed for its results so far. Money in 10⁻⁹ US dollars; null when the price
    // of the model is not known.
    .addColumn('input_tokens', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('output_tokens', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('nano_usd', 'integer', (column) => column.defaultTo(0))
    .execute();
  await schema.createIndex('batches_by_run').on('batches').columns(['run', 'stage']).execute();
  // Batches that looked like ours after a lost answer, and turned out to be somebody else's.
  await schema
    .createTable('foreign_batches')
    .addColumn('claude_id', 'text', (column) => column.primaryKey())
    .execute();

  await schema
    .createTable('requests')
    .addColumn('batch', 'integer', (column) => column.notNull().references('batches.id'))
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('ts', 'text', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    // Null until its result was taken in: then what became of it.
    .addColumn('outcome', 'text')
    .addPrimaryKeyConstraint('requests_primary', ['batch', 'ts'])
    // One tree to write to instead of two.
    .modifyEnd(sql`without rowid`)
    .execute();

  await schema
    .createTable('verdicts')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('ts', 'text', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('run', 'integer', (column) => column.notNull().references('runs.id'))
    .addColumn('taxonomy_version', 'integer', (column) => column.notNull())
    .addColumn('category', 'text', (column) => column.notNull())
    // The bot's reaction for the category under that taxonomy; null for noise.
    .addColumn('emoji', 'text')
    .addColumn('sentiment', 'text', (column) => column.notNull())
    .addColumn('urgency', 'text', (column) => column.notNull())
    .addColumn('gist', 'text', (column) => column.notNull())
    .addColumn('language', 'text', (column) => column.notNull())
    .addColumn('confidence', 'real', (column) => column.notNull())
    .addColumn('flagged', 'integer', (column) => column.notNull())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addForeignKeyConstraint('verdicts_message', ['channel', 'ts'], 'messages', ['channel', 'ts'])
    .execute();
  await schema
    .createIndex('verdicts_by_message')
    .on('verdicts')
    .columns(['channel', 'ts'])
    .execute();

  await schema
    .createTable('outbox')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('key', 'text', (column) => column.notNull().unique())
    .addColumn('lane', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('priority', 'integer', (column) => column.notNull())
    .addColumn('effect', 'text', (column) => column.notNull())
    // The key of the post under which this one goes.
    .addColumn('parent', 'text')
    // What it changes (a message's ts): effects on one thing are done in the order of their ids.
    .addColumn('about', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('next_at', 'integer', (column) => column.notNull())
    // When the first try that may have reached Slack was begun.
    .addColumn('sending_since', 'integer')
    .addColumn('posted_ts', 'text')
    .addColumn('trouble', 'text')
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('ended_at', 'integer')
    .execute();
  await sql`create index outbox_waiting on outbox (lane, priority, id) where ended_at is null`.execute(
    db,
  );
  await sql`create index outbox_about on outbox (channel, about, id) where ended_at is null and about is not null`.execute(
    db,
  );
  await sql`create index outbox_dead on outbox (channel) where state = 'dead'`.execute(db);

  await schema
    .createTable('schedules')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('pattern', 'text', (column) => column.notNull())
    .addColumn('next_at', 'integer', (column) => column.notNull())
    .execute();
}
