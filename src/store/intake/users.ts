import { type Selectable, sql } from 'kysely';
import { DAY_MS } from '../../core/durations.ts';
import type { IncomingMessage } from '../../core/intake/message.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';

/**
 * People, looked up once a week: their names, because summaries name people and never mention them;
 * their time zone and language, for what they alone read; and their role, because it decides who may
 * act.
 */

export type Role = NonNullable<Tables['users']['role']>;

const REFRESH_MS = 7 * DAY_MS;

/** Adds a person whose name will be needed. */
export async function ensureUser(tx: Tx, user: string): Promise<void> {
  await tx
    .insertInto('users')
    .values({ id: user, name: null, fetched_at: null, role: null, time_zone: null, locale: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

const MENTION = /<@([UW][A-Z0-9]+)/g;

/** Adds the people whose names a message needs: its author and those it mentions. */
export async function ensureUsers(tx: Tx, { author, text }: IncomingMessage): Promise<void> {
  const people = new Set([...text.matchAll(MENTION)].flatMap(([, id]) => id ?? []));
  if (author) people.add(author);
  for (const person of people) await ensureUser(tx, person);
}

/** As in the index. */
const AGE = sql<number>`coalesce(fetched_at, 0)`;

/** Ids whose names are unknown or old, the unknown first. */
export async function listUsersToFetch(db: Db, now: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('users')
    .select('id')
    .where(AGE, '<', now - REFRESH_MS)
    .orderBy(AGE)
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** What Slack says of somebody. */
interface Profile {
  name: string | null;
  role: Role | null;
  timeZone: string | null;
  locale: string | null;
}

const toFields = (profile: Profile | null, now: number) => ({
  name: profile?.name ?? null,
  role: profile?.role ?? null,
  time_zone: profile?.timeZone ?? null,
  locale: profile?.locale ?? null,
  fetched_at: now,
});

/** @param profile null when Slack tells nothing about them */
export async function upsertUser(
  db: Db,
  user: string,
  profile: Profile | null,
  now: number,
): Promise<void> {
  const fields = toFields(profile, now);
  await db
    .insertInto('users')
    .values({ id: user, ...fields })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(fields))
    .execute();
}

/** The same of somebody who is known: who was forgotten while Slack was asked stays forgotten. */
export async function updateUser(
  db: Db,
  user: string,
  profile: Profile | null,
  now: number,
): Promise<void> {
  await db.updateTable('users').set(toFields(profile, now)).where('id', '=', user).execute();
}

/** A known person; undefined when nobody has met them yet. */
export function findUser(
  db: Db | Tx,
  user: string,
): Promise<Selectable<Tables['users']> | undefined> {
  return db.selectFrom('users').selectAll().where('id', '=', user).executeTakeFirst();
}

/** Somebody turns out to be of another organization, unless it is known who they are. */
export async function recordOutsider(db: Db, user: string): Promise<void> {
  const fields = { name: null, fetched_at: null, time_zone: null, locale: null };
  await db
    .insertInto('users')
    .values({ id: user, role: 'foreign', ...fields })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({ role: 'foreign' }).where('users.role', 'is', null),
    )
    .execute();
}

/** Whether Slack has said lately that somebody is in a channel. */
export async function isKnownMember(
  db: Db,
  channel: string,
  user: string,
  since: number,
): Promise<boolean> {
  const row = await db
    .selectFrom('members')
    .select('user')
    .where('channel', '=', channel)
    .where('user', '=', user)
    .where('seen_at', '>=', since)
    .executeTakeFirst();
  return row !== undefined;
}

export async function upsertMembers(
  tx: Tx,
  channel: string,
  users: string[],
  now: number,
): Promise<void> {
  if (users.length === 0) return;
  await tx
    .insertInto('members')
    // Slack's pages may overlap, and PostgreSQL takes each row once.
    .values([...new Set(users)].map((user) => ({ channel, user, seen_at: now })))
    .onConflict((conflict) => conflict.columns(['channel', 'user']).doUpdateSet({ seen_at: now }))
    .execute();
}

/** Somebody is forgotten: Slack is asked again who they are as soon as they do or say something. */
export async function deleteUser(tx: Tx, user: string): Promise<void> {
  await tx.deleteFrom('users').where('id', '=', user).execute();
}

/** Somebody was deactivated: they are in no channel any more. */
export async function deleteMemberships(db: Db, user: string): Promise<void> {
  await db.deleteFrom('members').where('user', '=', user).execute();
}

export async function deleteMember(tx: Tx, channel: string, user: string): Promise<void> {
  await tx.deleteFrom('members').where('channel', '=', channel).where('user', '=', user).execute();
}

/** A lookup of names for rendering. It reads everybody, because people are few. */
export async function readNames(db: Db | Tx): Promise<(user: string) => string | undefined> {
  const rows = await db.selectFrom('users').select(['id', 'name']).execute();
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  return (user) => names.get(user) ?? undefined;
}
