import { ApiError, type JsonObject } from '../types.ts';
import { describeChannel, describeUser } from '../workspace.ts';
import { requireTeam } from './access.ts';
import { pageOf, readFlag, readLimit, readText, requireText } from './arguments.ts';
import type { MethodContext } from './context.ts';
import { selectChannels } from './conversations.ts';

export function infoUser({ args, world }: MethodContext): JsonObject {
  const user = world.users.get(requireText(args, 'user', 'user_not_found'));
  if (!user) throw new ApiError('user_not_found');
  return { user: describeUser(user, world, readFlag(args, 'include_locale')) };
}

export function listUsers(context: MethodContext): JsonObject {
  const { args, world } = context;
  requireTeam(context, args);
  const { page, next } = pageOf([...world.users.values()], args, readLimit(args, 999, 100));
  return {
    members: page.map((user) => describeUser(user, world, readFlag(args, 'include_locale'))),
    cache_ts: Math.floor(Date.now() / 1000),
    response_metadata: { next_cursor: next },
  };
}

export function listUserConversations(context: MethodContext): JsonObject {
  const { args, world } = context;
  requireTeam(context, args);
  const user = readText(args, 'user') ?? world.botUserId;
  if (!world.users.has(user)) throw new ApiError('user_not_found');
  const channels = selectChannels(world, args).filter((c) => c.members.has(user));
  const { page, next } = pageOf(channels, args, readLimit(args, 999, 100));
  return {
    channels: page.map((channel) => {
      const { is_member: _always, ...described } = describeChannel(channel, world);
      return described;
    }),
    response_metadata: { next_cursor: next },
  };
}
