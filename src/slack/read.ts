import { z } from 'zod';
import type { Self } from '../core/intake/message.ts';
import { cleanText } from '../core/text.ts';
import { isLocale, isTimeZone } from '../core/zones.ts';
import { type Answer, describeFailure, type Slack, STOPPING } from './client.ts';
import { cursorOf, type Page, pageOf } from './paginate.ts';

/** Reads from the workspace: the bot's own identity, people. */

/** Reading from Slack failed. The job that needed it tries again later. */
export class SlackReadError extends Error {
  readonly code: string | undefined;
  /** Slack was not asked, because Winnow stops: the next process asks. */
  readonly isStopping: boolean;

  constructor(method: string, answer: Exclude<Answer<unknown>, { kind: 'ok' }>) {
    super(`${method}: ${describeFailure(answer)}`);
    this.name = 'SlackReadError';
    this.code = answer.kind === 'refused' ? answer.error : undefined;
    this.isStopping = answer.kind === 'unsent' && answer.reason === STOPPING;
  }
}

/** Slack gave a part of a list, and no way to the rest. */
export class CutShortError extends SlackReadError {}

/** Makes a call that changes nothing. @throws SlackReadError */
export async function read<T>(
  slack: Slack,
  method: string,
  args: Record<string, unknown>,
  schema: z.ZodType<T>,
): Promise<T> {
  let answer = await slack.call(method, args, schema);
  // A read is safe to repeat. The second call waits until the rate limit allows it.
  if (answer.kind === 'limited') answer = await slack.call(method, args, schema);
  if (answer.kind === 'ok') return answer.value;
  throw new SlackReadError(method, answer);
}

const authSchema = z.looseObject({
  team_id: z.string(),
  enterprise_id: z.string().nullish(),
  is_enterprise_install: z.boolean().nullish(),
  user_id: z.string(),
  bot_id: z.string(),
  url: z.string(),
});

/** The Slack workspace that the bot is installed in. */
export interface Workspace {
  /** Such as `T0123ABCD`. */
  id: string;
  /** The Enterprise Grid that it belongs to, such as `E0123ABCD`. */
  enterpriseId: string | null;
  /** The app is installed on the whole Grid, so lists have to name the workspace. */
  orgInstall: boolean;
  /** Ends with a slash; permalinks are built from it. */
  url: string;
  /** The bot's own ids there. */
  self: Self;
}

export async function identify(slack: Slack): Promise<Workspace> {
  const auth = await read(slack, 'auth.test', {}, authSchema);
  return {
    id: auth.team_id,
    enterpriseId: auth.enterprise_id ?? null,
    orgInstall: auth.is_enterprise_install ?? false,
    url: auth.url,
    self: { userId: auth.user_id, botId: auth.bot_id },
  };
}

/**
 * Yields all pages of a list.
 * @throws CutShortError after the last page, when the list is cut short: nothing follows from what is missing
 * @throws SlackReadError
 */
export async function* readPages<T extends Page>(
  slack: Slack,
  method: string,
  args: Record<string, unknown>,
  schema: z.ZodType<T>,
): AsyncGenerator<T> {
  const cursors = new Set<string>();
  let cursor: string | undefined;
  do {
    const page: T = await read(slack, method, { ...args, cursor }, schema);
    yield page;
    cursor = cursorOf(page);
    if (cursor === undefined ? page.has_more : cursors.has(cursor)) {
      throw new CutShortError(method, { kind: 'unclear', reason: 'the list is cut short' });
    }
    if (cursor !== undefined) cursors.add(cursor);
  } while (cursor !== undefined);
}

const personSchema = z.looseObject({
  id: z.string(),
  name: z.string().optional(),
  real_name: z.string().optional(),
  team_id: z.string().optional().catch(undefined),
  enterprise_user: z.looseObject({ enterprise_id: z.string() }).nullish().catch(undefined),
  // Somebody of another organization in no channel that is shared with it.
  is_stranger: z.boolean().optional().catch(undefined),
  deleted: z.boolean().optional().catch(undefined),
  is_bot: z.boolean().optional().catch(undefined),
  tz: z.string().refine(isTimeZone).nullish().catch(null),
  locale: z.string().refine(isLocale).nullish().catch(null),
  // A guest in several channels, and a guest in one.
  is_admin: z.boolean().optional().catch(undefined),
  is_owner: z.boolean().optional().catch(undefined),
  is_restricted: z.boolean().optional().catch(undefined),
  is_ultra_restricted: z.boolean().optional().catch(undefined),
  profile: z
    .looseObject({ display_name: z.string().optional(), real_name: z.string().optional() })
    .optional(),
});

const userSchema = z.looseObject({ user: personSchema });

export interface Person {
  /** The name that others see. */
  name: string | null;
  /**
   * `foreign`: of another organization. Somebody who was deactivated counts as a guest. null: Slack
   * does not say.
   */
  role: 'member' | 'guest' | 'foreign' | 'bot' | null;
  deactivated: boolean;
  /** An admin or owner of this workspace. */
  admin: boolean;
  /** An IANA name, such as `Europe/Paris`; null if Slack knows none, as for bots. */
  timeZone: string | null;
  /** A language tag, such as `fr-FR`. */
  locale: string | null;
}

/** Reads a person; null if Slack tells nothing about them. @throws SlackReadError */
export async function readPerson(
  slack: Slack,
  workspace: Workspace,
  user: string,
): Promise<Person | null> {
  try {
    const { user: found } = await read(
      slack,
      'users.info',
      { user, include_locale: true },
      userSchema,
    );
    return toPerson(found, workspace);
  } catch (error) {
    if (error instanceof SlackReadError && error.code?.startsWith('user_')) return null;
    throw error;
  }
}

/** Parses a person as events carry them. @throws ZodError */
export function parsePerson(raw: unknown, workspace: Workspace): Person & { id: string } {
  const found = personSchema.parse(raw);
  return { id: found.id, ...toPerson(found, workspace) };
}

function toPerson(found: z.infer<typeof personSchema>, workspace: Workspace): Person {
  const name =
    found.profile?.display_name || found.profile?.real_name || found.real_name || found.name;
  const role = roleOf(found, workspace);
  return {
    name: name ? cleanText(name) : null,
    role,
    admin: role === 'member' && ((found.is_admin || found.is_owner) ?? false),
    deactivated: found.deleted ?? false,
    timeZone: found.tz ?? null,
    locale: found.locale ?? null,
  };
}

/**
 * Only the team decides who is of another organization: `is_stranger` is false for people who share a
 * channel with this one.
 */
function roleOf(found: z.infer<typeof personSchema>, workspace: Workspace): Person['role'] {
  if (found.is_bot) return 'bot';
  if (found.is_stranger) return 'foreign';
  if (found.deleted) return 'guest';
  const isGuest = found.is_restricted || found.is_ultra_restricted;
  const sameGrid =
    workspace.enterpriseId !== null &&
    found.enterprise_user?.enterprise_id === workspace.enterpriseId;
  if (found.team_id === workspace.id || sameGrid) return isGuest ? 'guest' : 'member';
  if (found.team_id === undefined) return isGuest ? 'guest' : null;
  return 'foreign';
}

const membersSchema = pageOf({
  members: z.array(z.string()),
});

/** Yields pages of a channel's members, as large as Slack allows. @throws SlackReadError */
export async function* readMembers(slack: Slack, channel: string): AsyncGenerator<string[]> {
  const args = { channel, limit: 999 };
  for await (const page of readPages(slack, 'conversations.members', args, membersSchema)) {
    yield page.members;
  }
}
