import { parsePerson, readPerson } from '../../slack/read.ts';
import {
  deleteMemberships,
  ensureUser,
  findUser,
  listUsersToFetch,
  updateUser,
  upsertUser,
} from '../../store/intake/users.ts';
import type { Context, NextAt } from '../context.ts';

const AT_ONCE = 20;

/** Looks up people who have written or were mentioned, a few at a time. */
export async function lookUpNames({ db, slack, clock, workspace }: Context): Promise<NextAt> {
  const users = await listUsersToFetch(db, clock.now(), AT_ONCE);
  for (const user of users) {
    await updateUser(db, user, await readPerson(slack, workspace, user), clock.now());
  }
  return users.length < AT_ONCE ? null : clock.now();
}

/**
 * Records what an event says about a person. Slack sends the changes of everybody in the workspace;
 * only those of known people matter.
 * @returns whether the person was deactivated, and is in no channel any more
 * @throws ZodError
 */
export async function recordPerson(
  { db, clock, workspace }: Context,
  user: unknown,
): Promise<boolean> {
  const { id, ...person } = parsePerson(user, workspace);
  const known = await findUser(db, id);
  if (!known) return false;
  // Events seldom carry the locale.
  const locale = person.locale ?? known.locale;
  await updateUser(db, id, { ...person, locale }, clock.now());
  if (person.deactivated) await deleteMemberships(db, id);
  return person.deactivated;
}

/** A person's time zone, from Slack if nobody has asked for it yet. @throws SlackReadError */
export async function readTimeZone(
  { db, slack, clock, workspace }: Context,
  user: string,
): Promise<string | null> {
  const known = await findUser(db, user);
  if (known?.time_zone) return known.time_zone;
  const person = await readPerson(slack, workspace, user);
  await upsertUser(db, user, person, clock.now());
  return person?.timeZone ?? null;
}

export interface Person {
  /** null until Slack has been asked. */
  name: string | null;
  /** An IANA name. */
  timeZone: string;
  /** A language tag, for Intl. */
  locale: string;
}

/**
 * A person's name, time zone and language, for what they alone read. It comes from the database
 * alone, so the answer does not wait for Slack. A new person is looked up in the background, and is
 * answered in the bot's time zone until then.
 */
export async function findPerson(
  { db, settings: { timeZone } }: Pick<Context, 'db' | 'settings'>,
  user: string,
): Promise<Person> {
  const known = await findUser(db, user);
  if (!known) await db.transaction().execute((tx) => ensureUser(tx, user));
  return {
    name: known?.name ?? null,
    timeZone: known?.time_zone ?? timeZone,
    locale: known?.locale ?? 'en',
  };
}

/** Asks Slack what somebody is called; null: it says nothing. @throws SlackReadError when it cannot be asked now */
export const askName = async (
  { slack, workspace }: Pick<Context, 'slack' | 'workspace'>,
  user: string,
): Promise<string | null> => (await readPerson(slack, workspace, user))?.name ?? null;
