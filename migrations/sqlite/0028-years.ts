import { type Kysely, sql } from 'kysely';

/** Indexes for what is asked again and again, so that it does not take longer from year to year. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index batches_by_stage on batches (stage, run)`.execute(db);
  await sql`create index batches_by_time on batches (submitted_at)`.execute(db);
  await sql`create index batches_ended on batches (lane, id)
    where ended_at is not null`.execute(db);
  await sql`create index groupings_by_time on groupings (since)`.execute(db);
  await sql`create index runs_open on runs (id) where ended_at is null`.execute(db);
  await sql`create index runs_by_channel on runs (channel, id)`.execute(db);
  await sql`create index cards_by_key on cards (channel, key)`.execute(db);
  await sql`create index acts_of_kind on acts (channel, kind, at)`.execute(db);
  await sql`create index requests_by_message on requests (channel, ts)`.execute(db);
  await sql`create index users_by_age on users (coalesce(fetched_at, 0))`.execute(db);
  await sql`create index flags_by_state on flags (state, channel, changed_at)`.execute(db);
  await sql`create index flags_by_person on flags ("by", changed_at) where "by" is not null`.execute(
    db,
  );
  for (const table of ['acts', 'flags']) {
    await sql`create index ${sql.ref(`${table}_duplicates`)} on ${sql.table(table)} (channel, duplicate_of)
      where duplicate_of is not null`.execute(db);
  }
  await sql`create index themes_merged on themes (merged_into)
    where merged_into is not null`.execute(db);
  // They are read in the order of their ids.
  await sql`drop index runs_stale`.execute(db);
  await sql`create index runs_stale on runs (id) where stale_at is not null`.execute(db);
}
