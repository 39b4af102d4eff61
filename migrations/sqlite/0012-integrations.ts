import { type Kysely, sql } from 'kysely';

/**
 * What integrations post: who says it, what is posted several times, and what was published before it
 * was edited.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // The run whose digest first published the message, also when a later one publishes it again.
  await db.schema.alterTable('messages').addColumn('first_digest', 'integer').execute();
  // The integration that posted it; null for people.
  await db.schema.alterTable('messages').addColumn('bot', 'text').execute();
  // Who says it, so that people can be counted: the id of a person, or a name in lower case; null when
  // nobody knows.
  await db.schema.alterTable('messages').addColumn('reporter', 'text').execute();
  // What an integration's post says without what changes by itself; null for people.
  await db.schema.alterTable('messages').addColumn('essence', 'text').execute();
  // The post that this one repeats; its state is `copy` then.
  await db.schema.alterTable('messages').addColumn('copy_of', 'text').execute();
  await sql`update messages set first_digest = digest, reporter = author`.execute(db);
  await sql`create index messages_by_essence on messages (channel, bot, essence) where bot is not null`.execute(
    db,
  );
  await sql`create index messages_copies on messages (channel, copy_of) where copy_of is not null`.execute(
    db,
  );
}
