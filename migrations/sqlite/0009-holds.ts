import { type Kysely, sql } from 'kysely';

/** What Slack does not allow until a person changes something, and what every effect needs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('holds')
    // `post`, `reply`, `update` or `reaction` in a channel; or `emoji`, anywhere.
    .addColumn('needs', 'text', (column) => column.notNull())
    // Empty for an emoji.
    .addColumn('channel', 'text', (column) => column.notNull())
    // Empty for a channel.
    .addColumn('emoji', 'text', (column) => column.notNull())
    // Slack's error code.
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('since', 'integer', (column) => column.notNull())
    .addColumn('tries', 'integer', (column) => column.notNull())
    // When it is tried again; null while it may be tried.
    .addColumn('try_at', 'integer')
    .addPrimaryKeyConstraint('holds_key', ['needs', 'channel', 'emoji'])
    .execute();

  await schema.alterTable('outbox').addColumn('needs', 'text').execute();
  await schema.alterTable('outbox').addColumn('emoji', 'text').execute();
  await sql`update outbox set
      needs = case
        when lane like 'post %' and (parent is not null or json_extract(effect, '$.threadTs') is not null) then 'reply'
        when lane like 'post %' then 'post'
        when lane like 'update %' then 'update'
        when lane = 'reaction' then 'reaction'
      end,
      emoji = case when lane = 'reaction' then json_extract(effect, '$.name') end
    where ended_at is null`.execute(db);
}
