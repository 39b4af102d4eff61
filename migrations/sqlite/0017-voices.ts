import { hash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';

/**
 * Whose voice a message is: its reporter's; or, for an integration that names nobody, a hash of who posts
 * and what it says. Null: a voice of its own.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('messages').addColumn('voice', 'text').execute();
  await sql`update messages set voice = reporter where reporter is not null`.execute(db);
  const { rows } = await sql<{ channel: string; bot: string; essence: string }>`
    select distinct channel, bot, essence from messages
    where bot is not null and essence is not null and reporter is null`.execute(db);
  for (const { channel, bot, essence } of rows) {
    await sql`update messages set voice = ${hash('sha256', `${bot} ${essence.toLowerCase()}`)}
      where channel = ${channel} and bot = ${bot} and essence = ${essence} and reporter is null`.execute(
      db,
    );
  }
}
