import { DAY_MS, MINUTE_MS } from '../../core/durations.ts';
import type { Denial } from '../../core/people/permission.ts';
import { readMembers, readPerson, SlackReadError } from '../../slack/read.ts';
import {
  findUser,
  isKnownMember,
  type Role,
  upsertMembers,
  upsertUser,
} from '../../store/intake/users.ts';
import type { Context } from '../context.ts';

/**
 * Who may act. Everything that changes something asks here: reactions, buttons, modals, commands, the
 * shortcut, Home, exports.
 */

/** Slack is asked again at most this often about somebody whom it says nothing about. */
const UNKNOWN_MS = 10 * MINUTE_MS;

/** Slack has to be answered within three seconds. */
const TIMEOUT_MS = 1_500;

/**
 * Looks up who somebody is; asks Slack if that is not known.
 * @returns `unknown` when Slack does not say
 * @throws SlackReadError when Slack cannot be asked now
 */
export async function learnRole(context: Context, user: string): Promise<Role | 'unknown'> {
  const { db, slack, clock, workspace } = context;
  const known = await findUser(db, user);
  if (known?.role) return known.role;
  const age = clock.now() - (known?.fetched_at ?? 0);
  // Where the clock was set back, nobody knows how old it is.
  if (age >= 0 && age < UNKNOWN_MS) return 'unknown';
  const person = await readPerson(slack, workspace, user);
  await upsertUser(db, user, person, clock.now());
  return person?.role ?? 'unknown';
}

/**
 * Only members of the workspace may change anything: no guests, nobody of another organization, no
 * bots, and nobody whom Slack says nothing about.
 * @returns why this person may not
 * @throws SlackReadError when Slack cannot be asked now
 */
export async function findRoleProblem(
  context: Context,
  user: string,
): Promise<'guest' | 'foreign' | 'unknown' | 'moot' | undefined> {
  const role = await learnRole(context, user);
  if (role === 'member') return undefined;
  return role === 'bot' ? 'moot' : role;
}

/**
 * Only admins and owners of the workspace may do what cannot be undone. Slack is asked each time: somebody may
 * have been one yesterday.
 * @returns why this person may not
 * @throws SlackReadError when Slack cannot be asked now
 */
export async function findAdminProblem(
  { slack, workspace }: Context,
  user: string,
): Promise<'guest' | 'foreign' | 'unknown' | 'moot' | 'no_admin' | undefined> {
  const person = await readPerson(slack, workspace, user);
  if (person?.role == null) return 'unknown';
  if (person.role !== 'member') return person.role === 'bot' ? 'moot' : person.role;
  return person.admin ? undefined : 'no_admin';
}

/**
 * The key of a hosted bot may be set by the member who installed it, besides admins and owners.
 * @returns why this person may not
 * @throws SlackReadError when Slack cannot be asked now
 */
export async function findKeyProblem(context: Context, user: string) {
  const problem = await findAdminProblem(context, user);
  const installed = user === context.hosted?.installedBy;
  return problem === 'no_admin' && installed ? undefined : problem;
}

/**
 * Only members of the workspace who are in the channel may act on what is in it.
 * @returns why this person may not
 * @throws SlackReadError when Slack cannot be asked now
 */
export async function findPermissionProblem(
  context: Context,
  channel: string,
  user: string,
): Promise<'guest' | 'foreign' | 'unknown' | 'moot' | 'outside' | undefined> {
  const { db, slack, clock } = context;
  const problem = await findRoleProblem(context, user);
  if (problem) return problem;
  if (await isKnownMember(db, channel, user, clock.now() - DAY_MS)) return undefined;
  for await (const members of readMembers(slack, channel)) {
    await db.transaction().execute((tx) => upsertMembers(tx, channel, members, clock.now()));
    if (members.includes(user)) return undefined;
  }
  return 'outside';
}

/**
 * Checks a permission while Slack waits for an answer to something that a person did.
 * @returns `later` when Slack does not tell in time
 */
export async function checkInTime<Problem extends Denial>(
  { clock, log }: Pick<Context, 'clock' | 'log'>,
  user: string,
  check: () => Promise<Problem | undefined>,
): Promise<Problem | 'later' | undefined> {
  const checked = check().catch((error: unknown) => {
    if (!(error instanceof SlackReadError)) throw error;
    log.warn({ err: error, user }, 'could not ask Slack whether a person may act');
    return 'later' as const;
  });
  return inTime({ clock }, TIMEOUT_MS, checked, 'later' as const);
}

/** @returns what the work resolves with, or `late` after this many ms */
export function inTime<Result, Late>(
  { clock }: Pick<Context, 'clock'>,
  ms: number,
  work: Promise<Result>,
  late: Late,
): Promise<Result | Late> {
  const waiting = new AbortController();
  const tooLate = clock.sleep(ms, waiting.signal).then(() => late);
  return Promise.race([work, tooLate]).finally(() => waiting.abort());
}
