import { signPost } from '../integrations.ts';
import { isReply } from '../message-store.ts';
import { addMessage, changeMessage, deleteMessage, renderMessage } from '../messages.ts';
import { checkMetadata } from '../metadata.ts';
import { isCanonicalTs } from '../timestamps.ts';
import { ApiError, type JsonObject, type SimMessage } from '../types.ts';
import type { SimChannel } from '../workspace.ts';
import { findChannel, findMessage, requireMember, requireNotArchived } from './access.ts';
import { readFlag, readText, requireText } from './arguments.ts';
import { readContent } from './content.ts';
import type { MethodContext } from './context.ts';
import { requirePosting } from './posting.ts';

const MAX_TEXT = 40_000;
const MAX_UPDATED_TEXT = 4_000;

/** The thread of a post; undefined for the channel itself. */
function findThread(context: MethodContext, channel: SimChannel): string | undefined {
  const ts = readText(context.args, 'thread_ts');
  if (ts === undefined) return undefined;
  if (!isCanonicalTs(ts)) throw new ApiError('invalid_thread_ts');
  const parent = channel.store.get(ts);
  if (!parent) {
    if (context.orphanReplies === 'top_level') return undefined;
    throw new ApiError('thread_not_found');
  }
  if (isReply(parent)) throw new ApiError('cannot_reply_to_message');
  return ts;
}

function findTarget(context: MethodContext): SimChannel {
  const id = readText(context.args, 'channel');
  // A person's id means the direct conversation with that person.
  if (id?.startsWith('U') && context.world.users.has(id)) return context.world.openIm(id);
  const channel = findChannel(context, context.args);
  requireMember(context, channel);
  requireNotArchived(channel);
  return channel;
}

export function postMessage(context: MethodContext): JsonObject {
  const { args, world } = context;
  const channel = findTarget(context);
  const content = readContent(context, MAX_TEXT);
  const metadata =
    args.metadata === undefined || args.metadata === '' ? undefined : checkMetadata(args.metadata);
  const thread = findThread(context, channel);
  requirePosting(channel, thread);
  const parse = readText(args, 'parse');
  const message = addMessage(world, channel, {
    text: '',
    ...content,
    ts: world.nextTs(),
    user: world.botUserId,
    bot_id: world.botId,
    ...signPost(world, world.botId),
    ...(thread === undefined ? {} : { thread_ts: thread }),
    ...(thread !== undefined && readFlag(args, 'reply_broadcast')
      ? { subtype: 'thread_broadcast' }
      : {}),
    ...(metadata ? { metadata } : {}),
    ...(parse === undefined ? {} : { parse }),
    ...(readFlag(args, 'link_names') ? { link_names: true } : {}),
  });
  return {
    channel: channel.id,
    ts: message.ts,
    message: renderMessage(message, { withMetadata: true }),
  };
}

export function updateMessage(context: MethodContext): JsonObject {
  const { args, world } = context;
  const channel = findChannel(context, args);
  requireMember(context, channel);
  // An update has another word for it than a post.
  if (channel.isArchived) throw new ApiError('is_inactive');
  const message = findMessage(channel, requireText(args, 'ts', 'message_not_found'));
  if (message.bot_id !== world.botId) throw new ApiError('cant_update_message');
  const { text = '', ...content } = readContent(context, MAX_UPDATED_TEXT);
  const { metadata: before, ...rest } = message;
  // Missing metadata keeps the old one, `{}` removes it.
  const metadata =
    args.metadata === undefined || args.metadata === '' ? before : checkMetadata(args.metadata);
  const edited =
    text === message.text ? {} : { edited: { user: world.botUserId, ts: world.nextTs() } };
  const next: SimMessage = {
    ...rest,
    ...content,
    text,
    ...edited,
    ...(metadata ? { metadata } : {}),
  };
  changeMessage(world, channel, message, next);
  return {
    channel: channel.id,
    ts: message.ts,
    text,
    message: renderMessage(next, { withMetadata: true }),
  };
}

export function deleteChat(context: MethodContext): JsonObject {
  const { args, world } = context;
  const channel = findChannel(context, args);
  const message = findMessage(channel, requireText(args, 'ts', 'message_not_found'));
  if (message.bot_id !== world.botId) throw new ApiError('cant_delete_message');
  deleteMessage(world, channel, message);
  return { channel: channel.id, ts: message.ts };
}

export function postEphemeral(context: MethodContext): JsonObject {
  const { args, world } = context;
  const channel = findTarget(context);
  const user = requireText(args, 'user', 'user_not_in_channel');
  if (!channel.members.has(user)) throw new ApiError('user_not_in_channel');
  const content = readContent(context, MAX_TEXT);
  const thread = findThread(context, channel);
  if (!channel.posting?.allowsEphemerals) requirePosting(channel, thread);
  const ephemeral = context.interactions.addEphemeral({
    channel: channel.id,
    user,
    text: '',
    ...content,
    ...(thread === undefined ? {} : { thread_ts: thread }),
  });
  world.notify();
  return { message_ts: ephemeral.ts };
}

export function getPermalink(context: MethodContext): JsonObject {
  const { args, world } = context;
  const channel = findChannel(context, args);
  const message = findMessage(channel, requireText(args, 'message_ts', 'message_not_found'));
  const link = `https://${world.teamDomain}.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}`;
  return {
    channel: channel.id,
    permalink: isReply(message) ? `${link}?thread_ts=${message.thread_ts}&cid=${channel.id}` : link,
  };
}
