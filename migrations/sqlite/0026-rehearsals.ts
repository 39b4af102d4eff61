import { type Kysely, sql } from 'kysely';

/** Rehearsals: changed categories or flag rules are tried on recent messages before they are saved. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('rehearsals')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('person', 'text', (column) => column.notNull())
    // offered (the price is said, nothing is asked) → judging → done → adopted or discarded.
    .addColumn('stage', 'text', (column) => column.notNull())
    // The settings that are tried, as JSON. Their categories are not in `taxonomies`: they apply to nothing yet.
    .addColumn('content', 'text', (column) => column.notNull())
    // The settings change that the person had seen, 0 for none; and the categories in force.
    .addColumn('shown', 'integer', (column) => column.notNull())
    .addColumn('taxonomy_version', 'integer', (column) =>
      column.notNull().references('taxonomies.version'),
    )
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('expected_nano_usd', 'integer')
    // What Claude has billed; null when the price of the model is not known.
    .addColumn('nano_usd', 'integer', (column) => column.defaultTo(0))
    .addColumn('input_tokens', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('output_tokens', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('offered_at', 'integer', (column) => column.notNull())
    .addColumn('asked_at', 'integer')
    // Since when all messages have an outcome, and when it was adopted or discarded.
    .addColumn('judged_at', 'integer')
    .addColumn('ended_at', 'integer')
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('next_at', 'integer', (column) => column.notNull())
    .execute();
  await sql`create unique index rehearsals_offered on rehearsals (person)
    where stage = 'offered'`.execute(db);
  await sql`create unique index rehearsals_open on rehearsals (person)
    where stage in ('judging', 'done')`.execute(db);
  await sql`create index rehearsals_asked on rehearsals (asked_at)
    where asked_at is not null`.execute(db);

  // What each message is judged as, before the change and after it. They are deleted when the rehearsal ends.
  await schema
    .createTable('rehearsal_verdicts')
    .addColumn('rehearsal', 'integer', (column) => column.notNull().references('rehearsals.id'))
    .addColumn('side', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('ts', 'text', (column) => column.notNull())
    // The text that is judged: an edit makes the message `gone`.
    .addColumn('revision', 'integer', (column) => column.notNull())
    // known (it had a verdict), judged, failed, or gone (edited, deleted or forgotten); null: not yet.
    .addColumn('outcome', 'text')
    // How many calls have begun, and how many of them brought no usable answer.
    .addColumn('asks', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('tries', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('category', 'text')
    .addColumn('urgency', 'text')
    .addColumn('sentiment', 'text')
    .addPrimaryKeyConstraint('rehearsal_verdicts_primary', ['rehearsal', 'side', 'channel', 'ts'])
    .modifyEnd(sql`without rowid`)
    .execute();
}
