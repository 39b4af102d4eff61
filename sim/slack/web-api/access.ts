// Access checks: which channels the bot can see, and which scopes a method needs.
import { ApiError, type JsonObject, type SimMessage } from '../types.ts';
import type { SimChannel, Workspace } from '../workspace.ts';
import { requireText } from './arguments.ts';

const BY_KIND = {
  history: { channel: 'channels:history', group: 'groups:history', im: 'im:history' },
  read: { channel: 'channels:read', group: 'groups:read', im: 'im:read' },
} as const;

/** What a token may do. */
export interface Grant {
  scopes: ReadonlySet<string>;
  /** It is for a whole Enterprise Grid, not for one workspace. */
  isOrgWide: boolean;
}

export interface Access extends Grant {
  world: Workspace;
}

/** The scopes without which Slack does not let an app subscribe to these events. */
const SCOPE_OF_EVENT: Record<string, string> = {
  app_mention: 'app_mentions:read',
  'message.channels': 'channels:history',
  'message.groups': 'groups:history',
  'message.im': 'im:history',
};

/** Whether an app with these scopes can be subscribed to an event. */
export function maySubscribe(scopes: ReadonlySet<string>, event: string): boolean {
  const scope = SCOPE_OF_EVENT[event];
  return scope === undefined || scopes.has(scope);
}

export function requireScope(access: Grant, ...anyOf: string[]): void {
  if (anyOf.length === 0 || anyOf.some((scope) => access.scopes.has(scope))) return;
  throw new ApiError('missing_scope', {
    needed: anyOf.join(','),
    provided: [...access.scopes].join(','),
  });
}

/** The channel of an argument. Private channels without the bot do not exist for it. */
export function findChannel(
  access: Access,
  args: JsonObject,
  error = 'channel_not_found',
): SimChannel {
  const channel = access.world.channels.get(requireText(args, 'channel', error));
  if (!channel || (channel.kind !== 'channel' && !access.world.hasBot(channel))) {
    throw new ApiError(error);
  }
  return channel;
}

/**
 * With a token of a whole Enterprise Grid, some methods have to name the workspace; with another one,
 * what they name is ignored (docs.slack.dev/enterprise/organization-ready-apps, November 2026).
 */
export function requireTeam({ world, isOrgWide }: Access, args: JsonObject): void {
  if (!isOrgWide) return;
  const team = requireText(args, 'team_id', 'missing_argument');
  if (team !== world.teamId) throw new ApiError('team_access_not_granted');
}

export function requireMember(access: Access, channel: SimChannel): void {
  if (!access.world.hasBot(channel)) throw new ApiError('not_in_channel');
}

export function requireKindScope(
  access: Access,
  channel: SimChannel,
  use: keyof typeof BY_KIND,
): void {
  requireScope(access, BY_KIND[use][channel.kind]);
}

export function requireNotArchived(channel: SimChannel): void {
  if (channel.isArchived) throw new ApiError('is_archived');
}

/** The message with this ts, unless it was deleted. */
export function findMessage(channel: SimChannel, ts: string): SimMessage {
  const message = channel.store.get(ts);
  if (!message || message.subtype === 'tombstone') throw new ApiError('message_not_found');
  return message;
}
