import { addReaction, removeReaction, renderMessage } from '../messages.ts';
import { isCanonicalTs } from '../timestamps.ts';
import { ApiError, type JsonObject, type SimMessage } from '../types.ts';
import type { SimChannel } from '../workspace.ts';
import {
  findChannel,
  findMessage,
  requireKindScope,
  requireMember,
  requireNotArchived,
  requireTeam,
} from './access.ts';
import { pageOf, readFlag, readLimit, readText, requireText } from './arguments.ts';
import type { MethodContext } from './context.ts';

/** Slack's defaults for one message: how many emoji in all, and how many by one person. */
const MAX_EMOJI = 50;
const MAX_OF_ONE_PERSON = 23;

function findItem(context: MethodContext): { channel: SimChannel; message: SimMessage } {
  const ts = requireText(context.args, 'timestamp', 'no_item_specified');
  requireText(context.args, 'channel', 'no_item_specified');
  if (!isCanonicalTs(ts)) throw new ApiError('bad_timestamp');
  const channel = findChannel(context, context.args);
  requireMember(context, channel);
  return { channel, message: findMessage(channel, ts) };
}

function readName(context: MethodContext): string {
  const name = context.world.emoji.resolve(requireText(context.args, 'name', 'invalid_name'));
  if (name === undefined) throw new ApiError('invalid_name');
  return name;
}

export function addReactionCall(context: MethodContext): JsonObject {
  const { world } = context;
  const name = readName(context);
  const { channel, message } = findItem(context);
  requireNotArchived(channel);
  const has = message.reactions.find((r) => r.name === name);
  if (has?.users.includes(world.botUserId)) throw new ApiError('already_reacted');
  if (!has && message.reactions.length >= MAX_EMOJI) throw new ApiError('too_many_emoji');
  if (
    message.reactions.filter((r) => r.users.includes(world.botUserId)).length >= MAX_OF_ONE_PERSON
  ) {
    throw new ApiError('too_many_reactions');
  }
  addReaction(world, channel, message.ts, world.botUserId, name);
  return {};
}

export function removeReactionCall(context: MethodContext): JsonObject {
  const name = readName(context);
  const { channel, message } = findItem(context);
  requireNotArchived(channel);
  if (!removeReaction(context.world, channel, message.ts, context.world.botUserId, name)) {
    throw new ApiError('no_reaction');
  }
  return {};
}

export function getReactions(context: MethodContext): JsonObject {
  const { channel, message } = findItem(context);
  return {
    type: 'message',
    channel: channel.id,
    message: renderMessage(message, { allReactionUsers: readFlag(context.args, 'full') }),
  };
}

export function listReactions(context: MethodContext): JsonObject {
  const { args, world } = context;
  requireTeam(context, args);
  const user = readText(args, 'user') ?? world.botUserId;
  const items = [...world.channels.values()]
    .filter((c) => world.hasBot(c))
    .flatMap((channel) => {
      const reacted = channel.store
        .all()
        .filter((m) => m.reactions.some((r) => r.users.includes(user)));
      if (reacted.length > 0) requireKindScope(context, channel, 'history');
      return reacted.map((m) => ({
        type: 'message',
        channel: channel.id,
        message: renderMessage(m),
      }));
    });
  const { page, next } = pageOf(items, args, readLimit(args, 999, 100));
  return { items: page, response_metadata: { next_cursor: next } };
}
