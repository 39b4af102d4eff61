// Finds the workspace that a call is about: by the token, and with a token of a whole Enterprise Grid by
// what the call names.

import type { Team } from '../team.ts';
import { ApiError, type JsonObject } from '../types.ts';
import { readText } from '../web-api/arguments.ts';
import type { Call } from '../web-api/calls.ts';
import {
  type Directory,
  type Enterprise,
  findPlace,
  isEnterprise,
  type Mounted,
} from './directory.ts';
import type { AccessToken } from './tokens.ts';

/**
 * The methods that have to name the workspace, of those that the sim has
 * (docs.slack.dev/enterprise/organization-ready-apps, November 2026).
 */
const NAMES_TEAM = new Set([
  'bots.info',
  'conversations.list',
  'reactions.list',
  'users.conversations',
  'users.list',
]);

/** Throws missing_argument, team_access_not_granted. */
export function findTarget(
  directory: Directory,
  { installation }: AccessToken,
  call: Call,
): Mounted {
  const place = findPlace(directory, installation.id);
  return isEnterprise(place) ? findInOrg(place, call) : place;
}

function findInOrg(enterprise: Enterprise, { method, args }: Call): Mounted {
  const named = readText(args, 'team_id');
  if (NAMES_TEAM.has(method) && named === undefined) throw new ApiError('missing_argument');
  const isGranted = ({ id }: Mounted) => enterprise.granted.has(id);
  // People are in several workspaces: one that the token reaches comes first.
  const members = [...enterprise.members.values()].sort(
    (a, b) => Number(isGranted(b)) - Number(isGranted(a)),
  );
  const target = NAMES_TEAM.has(method)
    ? members.find(({ id }) => id === named)
    : (members.find(({ team }) => isAbout(team, args)) ?? members[0]);
  if (!target || !isGranted(target)) throw new ApiError('team_access_not_granted');
  return target;
}

/** Whether the first thing that the arguments name is in the workspace. */
function isAbout({ world, knowsTrigger }: Team, args: JsonObject): boolean {
  const channel = readText(args, 'channel') ?? readText(args, 'channel_id');
  if (channel !== undefined) return world.channels.has(channel);
  const trigger = readText(args, 'trigger_id');
  if (trigger !== undefined) return knowsTrigger(trigger);
  const view = readText(args, 'view_id');
  if (view !== undefined)
    return [...world.views.values(), ...world.homes.values()].some(({ id }) => id === view);
  const file = readText(args, 'file');
  if (file !== undefined)
    return [...world.channels.values()].some(({ store }) =>
      store.all().some(({ files }) => files?.some(({ id }) => id === file)),
    );
  const user = readText(args, 'user') ?? readText(args, 'user_id') ?? readText(args, 'users');
  return user !== undefined && world.users.has(user);
}
