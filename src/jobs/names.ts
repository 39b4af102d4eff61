import { readPerson } from '../slack/read.ts';
import { keepUser, listUsersToFetch } from '../store/users.ts';
import type { Deps, NextAt } from './deps.ts';

const AT_ONCE = 20;

/** Looks up the names of people who have written or were mentioned, a few at a time. */
export async function lookUpNames({ db, slack, clock }: Deps): Promise<NextAt> {
  const users = await listUsersToFetch(db, clock.now(), AT_ONCE);
  for (const user of users) {
    await keepUser(db, user, await readPerson(slack, user), clock.now());
  }
  return users.length < AT_ONCE ? null : clock.now();
}
