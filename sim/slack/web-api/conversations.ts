import { addMember } from '../membership.ts';
import { ApiError, type JsonObject } from '../types.ts';
import { describeChannel, type SimChannel, type Workspace } from '../workspace.ts';
import { findChannel, requireKindScope, requireNotArchived, requireTeam } from './access.ts';
import { pageOf, readFlag, readLimit, readText, requireText } from './arguments.ts';
import type { MethodContext } from './context.ts';

const KINDS = {
  public_channel: 'channel',
  private_channel: 'group',
  im: 'im',
  mpim: 'mpim',
} as const;

/** The channels of the given `types` that the bot can see, oldest first. */
export function selectChannels(world: Workspace, args: JsonObject): SimChannel[] {
  const types = (readText(args, 'types') ?? 'public_channel').split(',').map((t) => t.trim());
  const kinds = types.map((type) => {
    const kind = Object.hasOwn(KINDS, type) ? KINDS[type as keyof typeof KINDS] : undefined;
    if (kind === undefined) throw new ApiError('invalid_types');
    return kind;
  });
  return [...world.channels.values()].filter(
    (c) =>
      kinds.includes(c.kind) &&
      (c.kind === 'channel' || world.hasBot(c)) &&
      !(c.isArchived && readFlag(args, 'exclude_archived')),
  );
}

export function listConversations(context: MethodContext): JsonObject {
  const { args, world } = context;
  requireTeam(context, args);
  const limit = readLimit(args, 999, 100);
  const channels = selectChannels(world, args);
  for (const channel of channels) requireKindScope(context, channel, 'read');
  const { page, next } = pageOf(channels, args, limit);
  return {
    channels: page.map((c) => ({ ...describeChannel(c, world), num_members: c.members.size })),
    response_metadata: { next_cursor: next },
  };
}

export function infoConversation(context: MethodContext): JsonObject {
  const channel = findChannel(context, context.args);
  requireKindScope(context, channel, 'read');
  return {
    channel: {
      ...describeChannel(channel, context.world),
      // Who may post, as far as Slack tells: not the preference that answers with `restricted_action`.
      is_read_only: channel.posting?.limit === 'read_only',
      is_thread_only: channel.posting?.limit === 'thread_only',
      is_non_threadable: channel.posting?.limit === 'no_threads',
      ...(readFlag(context.args, 'include_num_members')
        ? { num_members: channel.members.size }
        : {}),
    },
  };
}

export function listMembers(context: MethodContext): JsonObject {
  const channel = findChannel(context, context.args);
  requireKindScope(context, channel, 'read');
  const { page, next } = pageOf(
    [...channel.members],
    context.args,
    readLimit(context.args, 999, 100),
  );
  return { members: page, response_metadata: { next_cursor: next } };
}

export function joinConversation(context: MethodContext): JsonObject {
  const { world } = context;
  const channel = findChannel(context, context.args);
  if (channel.kind !== 'channel') throw new ApiError('method_not_supported_for_channel_type');
  requireNotArchived(channel);
  const wasIn = world.hasBot(channel);
  if (!wasIn) addMember(world, channel, world.botUserId);
  return {
    channel: describeChannel(channel, world),
    ...(wasIn ? { warning: 'already_in_channel' } : {}),
  };
}

export function openConversation({ args, world }: MethodContext): JsonObject {
  const user = requireText(args, 'users', 'users_list_not_supplied');
  if (user.includes(',')) throw new ApiError('method_not_supported_for_channel_type');
  const person = world.users.get(user);
  if (!person) throw new ApiError('user_not_found');
  if (person.isDeactivated) throw new ApiError('user_disabled');
  const im = world.openIm(user);
  return { channel: readFlag(args, 'return_im') ? describeChannel(im, world) : { id: im.id } };
}
