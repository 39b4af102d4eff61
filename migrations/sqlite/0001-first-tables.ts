import { type Kysely, sql } from 'kysely';

/**
 * Uses only types that every SQL database has: times are integers in ms since 1970, ids and JSON are
 * text, booleans are 1 and 0. Slack's timestamps (`ts`) are identities and stay text.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;

  await schema
    .createTable('channels')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    // Messages count from here on; null until it is known when the bot joined.
    .addColumn('since_ts', 'text')
    // History has been read without a gap up to here.
    .addColumn('swept_ts', 'text')
    .addColumn('invited_by', 'text')
    // The state of the offer, to the person who invited the bot, to take in older messages.
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
    // The run claims messages collected up to this time; later ones are for the next run.
    .addColumn('claim_until', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('ended_at', 'integer')
    // Who canceled it. Batches that were not submitted are given back; Claude is asked to end the others.
    .addColumn('canceled_by', 'text')
    .addColumn('trouble', 'text')
    .execute();
  // A channel has at most one open run.
  await sql`create unique index one_open_run on runs (channel) where ended_at is null`.execute(db);

  await schema
    .createTable('messages')
    .addColumn('channel', 'text', (column) => column.notNull().references('channels.id'))
    .addColumn('ts', 'text', (column) => column.notNull())
    .addColumn('thread_ts', 'text')
    .addColumn('author', 'text')
    .addColumn('author_name', 'text')
    .addColumn('text', 'text', (column) => column.notNull())
    // Counts the versions of the text; a verdict belongs to one of them.
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
    // The run whose digest published the current verdict.
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
    // Claude's id of the batch, known once `create` has answered or the orphaned batch was found.
    .addColumn('claude_id', 'text')
    .addColumn('adopted', 'integer', (column) => column.notNull().defaultTo(0))
    // Claude has been asked to cancel it.
    .addColumn('cancel_asked', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('submitted_at', 'integer')
    .addColumn('ended_at', 'integer')
    .addColumn('next_at', 'integer', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    // What Claude has billed for its results so far. Money is in 10⁻⁹ US dollars; null when the price
    // of the model is not known.
    .addColumn('input_tokens', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('output_tokens', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('nano_usd', 'integer', (column) => column.defaultTo(0))
    .execute();
  await schema.createIndex('batches_by_run').on('batches').columns(['run', 'stage']).execute();
  // Batches that looked like ours after a lost answer but turned out to be somebody else's.
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
    // How the request ended; null until its result is collected.
    .addColumn('outcome', 'text')
    .addPrimaryKeyConstraint('requests_primary', ['batch', 'ts'])
    // One B-tree to write to instead of two.
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
    // The key of the post that it replies to or updates.
    .addColumn('parent', 'text')
    // The ts of the message that it changes. Effects on one message are delivered in the order of their ids.
    .addColumn('about', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('next_at', 'integer', (column) => column.notNull())
    // When the first try that may have reached Slack began.
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
