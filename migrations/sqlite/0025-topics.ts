import { type Kysely, sql } from 'kysely';

/** Topics: what several themes of a channel are sides of. Claude proposes them; people decide. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('topics')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('channel', 'text', (column) => column.notNull().references('channels.id'))
    // Topics of a channel with the same title are one: a later row adds themes to it.
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('run', 'integer', (column) => column.notNull().references('runs.id'))
    // proposed → grouped or apart; grouped → undone.
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('by', 'text')
    .addColumn('at', 'integer', (column) => column.notNull())
    // The act of forgetting after which it has another title.
    .addColumn('forgotten', 'integer', (column) => column.references('forgettings.id'))
    .execute();
  await sql`create index topics_by_channel on topics (channel, state, id)`.execute(db);
  await schema
    .createTable('topic_themes')
    .addColumn('topic', 'integer', (column) => column.notNull().references('topics.id'))
    .addColumn('theme', 'integer', (column) => column.notNull().references('themes.id'))
    .addPrimaryKeyConstraint('topic_themes_primary', ['topic', 'theme'])
    .modifyEnd(sql`without rowid`)
    .execute();
  await schema.createIndex('topic_themes_by_theme').on('topic_themes').column('theme').execute();
  // Whether Claude was asked for its topic already.
  await schema
    .alterTable('themes')
    .addColumn('sorted', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await schema.alterTable('theme_acts').addColumn('topic', 'integer').execute();
}
