import { type Kysely, sql } from 'kysely';

/** Slack may give a channel another id. Whatever still names the former one means the same channel. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('channel_ids')
    .addColumn('former', 'text', (column) => column.primaryKey())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('changed_at', 'integer', (column) => column.notNull())
    .execute();
  // An event that set out before the change and is stored after it would make a channel of its own.
  // It fails, so Slack sends it again.
  await sql`create trigger former_channel before insert on channels
    when exists (select former from channel_ids where former = new.id)
    begin select raise(abort, 'the channel has another id by now'); end`.execute(db);
}
