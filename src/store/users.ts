import type { Db, Tx } from './database.ts';

/** People's names, looked up once a week: summaries name people and never mention them. */

const REFRESH_MS = 7 * 24 * 3_600_000;

/** Remembers that somebody exists whose name will be needed. */
export async function noticeUser(tx: Tx, user: string): Promise<void> {
  await tx
    .insertInto('users')
    .values({ id: user, name: null, fetched_at: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Ids whose names are unknown or old, the unknown first. */
export async function listUsersToFetch(db: Db, now: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('users')
    .select('id')
    .where((eb) => eb.or([eb('fetched_at', 'is', null), eb('fetched_at', '<', now - REFRESH_MS)]))
    .orderBy('fetched_at')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** @param name null when Slack knows no such person any more */
export async function keepUserName(
  db: Db,
  user: string,
  name: string | null,
  now: number,
): Promise<void> {
  await db.updateTable('users').set({ name, fetched_at: now }).where('id', '=', user).execute();
}

/** A look-up of names for rendering: people are few, so all of them are read. */
export async function readNames(db: Db | Tx): Promise<(user: string) => string | undefined> {
  const rows = await db.selectFrom('users').select(['id', 'name']).execute();
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  return (user) => names.get(user) ?? undefined;
}
