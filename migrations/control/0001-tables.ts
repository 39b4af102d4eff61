import { type Kysely, sql } from 'kysely';

/**
 * What belongs to no single workspace. The same tables in SQLite, where they have a file of their own, and in
 * PostgreSQL, where they are beside the workspaces' tables, without row-level security. No column is called `channel`:
 * a channel's id is replaced in every table that has one. Times are ms since 1970.
 * What is sealed only opens with a key of the server (docs/decisions/tokens-are-sealed.md).
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('installations')
    // The workspace (T…); of an org-wide install of Enterprise Grid, the org (E…).
    .addColumn('id', 'text', (column) => column.notNull().primaryKey())
    .addColumn('enterprise', 'text')
    .addColumn('is_org', 'bigint', (column) => column.notNull())
    .addColumn('app', 'text', (column) => column.notNull())
    .addColumn('bot_id', 'text')
    .addColumn('bot_user', 'text', (column) => column.notNull())
    // Sealed. Both are removed when the installation ends.
    .addColumn('bot_token', 'text')
    .addColumn('refresh_token', 'text')
    // When the bot's token does; null: never.
    .addColumn('expires_at', 'bigint')
    // Separated by commas.
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('installed_by', 'text', (column) => column.notNull())
    .addColumn('installed_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('ended_why', 'text')
    .execute();

  await schema
    .createTable('workspaces')
    .addColumn('team', 'text', (column) => column.notNull().primaryKey())
    .addColumn('installation', 'text', (column) => column.notNull().references('installations.id'))
    // Null until they are known.
    .addColumn('name', 'text')
    .addColumn('url', 'text')
    // Sealed. It outlives the end, so that whoever comes back need not enter it again.
    .addColumn('anthropic_key', 'text')
    .addColumn('added_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .execute();
  await schema
    .createIndex('workspaces_by_installation')
    .on('workspaces')
    .column('installation')
    .execute();

  // What Slack sent for a workspace, from the process that received it to the one that works for the workspace.
  await schema
    .createTable('inbox')
    .addColumn('id', 'text', (column) => column.notNull().primaryKey())
    .addColumn('team', 'text', (column) => column.notNull())
    .addColumn('received_at', 'bigint', (column) => column.notNull())
    // When nobody needs it any more; null: never.
    .addColumn('expires_at', 'bigint')
    // JSON, both.
    .addColumn('envelope', 'text', (column) => column.notNull())
    .addColumn('answer', 'text')
    .addColumn('answered_at', 'bigint')
    .execute();
  await sql`create index inbox_waiting on inbox (team, received_at, id)
    where answered_at is null`.execute(db);
  await sql`create index inbox_expiring on inbox (expires_at)
    where expires_at is not null`.execute(db);
  await sql`create index inbox_answered on inbox (answered_at)
    where answered_at is not null`.execute(db);
}
