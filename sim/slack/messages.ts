// Every change to a message: updates the store and the parent's counts, and emits the event.
import { completeFile } from './file-shape.ts';
import { isReply, isTombstone } from './message-store.ts';
import type { JsonObject, SimMessage, SimReaction } from './types.ts';
import type { SimChannel, Workspace } from './workspace.ts';

/** The Web API lists only the first few people of a reaction; `count` is complete. */
const USERS_SHOWN = 25;

export interface RenderOptions {
  withMetadata?: boolean;
  allReactionUsers?: boolean;
}

/** A message as an app reads it. */
export function renderMessage(message: SimMessage, options: RenderOptions = {}): JsonObject {
  const {
    channel: _channel,
    reactions,
    parse: _parse,
    link_names: _names,
    metadata,
    ...shown
  } = message;
  const users = options.allReactionUsers ? Number.POSITIVE_INFINITY : USERS_SHOWN;
  return {
    ...shown,
    ...(reactions.length > 0
      ? { reactions: reactions.map((r) => ({ ...r, users: r.users.slice(0, users) })) }
      : {}),
    // What kind of metadata there is, Slack says always; what it holds, only on request.
    ...(metadata
      ? { metadata: options.withMetadata ? metadata : { event_type: metadata.event_type } }
      : {}),
  };
}

/** A message as it stands in a channel: a reply that was also sent there brings its parent. */
export function renderPlaced(
  channel: SimChannel,
  message: SimMessage,
  options: RenderOptions = {},
): JsonObject {
  const root =
    message.subtype === 'thread_broadcast' ? channel.store.get(message.thread_ts ?? '') : undefined;
  return {
    ...renderMessage(message, options),
    ...(root ? { root: renderMessage(root, options) } : {}),
  };
}

function withoutCounts(message: JsonObject): JsonObject {
  const { reactions: _reactions, ...rest } = message;
  return rest;
}

/** Updates a parent's `reply_count` and related fields from its thread. */
function recount(channel: SimChannel, parentTs: string): void {
  const parent = channel.store.get(parentTs);
  if (!parent) return;
  const replies = channel.store.replies(parentTs);
  if (replies.length === 0) {
    if (isTombstone(parent)) {
      channel.store.remove(parentTs);
      return;
    }
    const { thread_ts, reply_count, reply_users, reply_users_count, latest_reply, ...bare } =
      parent;
    channel.store.replace(bare);
    return;
  }
  const last = replies[replies.length - 1];
  const author = last === undefined ? undefined : channel.store.get(last)?.user;
  // Usually a thread grows by one reply; only other changes read the whole thread again.
  const known = parent.reply_users ?? [];
  const grew = replies.length === (parent.reply_count ?? 0) + 1;
  const users = grew
    ? new Set(author === undefined ? known : [...known, author])
    : new Set(replies.flatMap((ts) => channel.store.get(ts)?.user ?? []));
  channel.store.replace({
    ...parent,
    thread_ts: parentTs,
    reply_count: replies.length,
    reply_users: [...users],
    reply_users_count: users.size,
    ...(last === undefined ? {} : { latest_reply: last }),
  });
}

/** Whether a message mentions the app's bot: Slack looks at the tokens of its text. */
const mentionsBot = ({ botUserId }: Workspace, { text }: SimMessage): boolean =>
  text.includes(`<@${botUserId}>`) || text.includes(`<@${botUserId}|`);

/** A message that mentions the bot brings an event of its own, but not in the direct conversation. */
function emitMention(world: Workspace, channel: SimChannel, message: SimMessage, ts: string): void {
  if (channel.kind === 'im' || message.user === world.botUserId) return;
  if (!mentionsBot(world, message)) return;
  world.emit(
    {
      ...withoutCounts(renderMessage(message)),
      type: 'app_mention',
      channel: channel.id,
      event_ts: ts,
    },
    channel,
  );
}

/** The team of an author; said twice more when it is another one. */
function describeTeam(world: Workspace, author: string | undefined) {
  const team = world.users.get(author ?? '')?.teamId ?? world.teamId;
  return team === world.teamId ? { team } : { team, user_team: team, source_team: team };
}

export function addMessage(
  world: Workspace,
  channel: SimChannel,
  message: Omit<
    SimMessage,
    'type' | 'channel' | 'reactions' | 'team' | 'user_team' | 'source_team'
  >,
  options: { silent?: boolean } = {},
): SimMessage {
  const parent = message.thread_ts === undefined ? undefined : channel.store.get(message.thread_ts);
  const stored: SimMessage = {
    type: 'message',
    channel: channel.id,
    ...describeTeam(world, message.user),
    reactions: [],
    ...message,
    ...(message.files && {
      files: message.files.map((file) => completeFile(world, file, message.user)),
    }),
    ...(parent?.user !== undefined && message.thread_ts !== message.ts
      ? { parent_user_id: parent.user }
      : {}),
  };
  channel.store.add(stored);
  if (isReply(stored) && stored.thread_ts !== undefined) recount(channel, stored.thread_ts);
  if (!options.silent) {
    world.emit(
      {
        ...renderPlaced(channel, stored),
        channel: channel.id,
        channel_type: channel.kind,
        event_ts: stored.ts,
      },
      channel,
    );
    emitMention(world, channel, stored, stored.ts);
  }
  world.notify();
  return stored;
}

/** Stores `next` for the message with its ts and tells the app, like an edit or a link unfurl. */
export function changeMessage(
  world: Workspace,
  channel: SimChannel,
  previous: SimMessage,
  next: SimMessage,
  options: { silent?: boolean } = {},
): void {
  channel.store.replace(next);
  if (!options.silent) {
    const ts = world.nextTs();
    world.emit(
      {
        type: 'message',
        subtype: 'message_changed',
        hidden: true,
        channel: channel.id,
        channel_type: channel.kind,
        ts,
        event_ts: ts,
        message: withoutCounts(renderPlaced(channel, next)),
        previous_message: withoutCounts(renderPlaced(channel, previous)),
      },
      channel,
    );
    // An edit that mentions the bot brings one as well, with `edited`.
    if (next.edited && next.text !== previous.text) emitMention(world, channel, next, ts);
  }
  world.notify();
}

function emitDeleted(world: Workspace, channel: SimChannel, message: SimMessage): void {
  const ts = world.nextTs();
  world.emit(
    {
      type: 'message',
      subtype: 'message_deleted',
      hidden: true,
      channel: channel.id,
      channel_type: channel.kind,
      ts,
      event_ts: ts,
      deleted_ts: message.ts,
      previous_message: withoutCounts(renderMessage(message)),
    },
    channel,
  );
}

/**
 * Deletes a message. A parent with replies becomes a tombstone until its last reply is deleted; Slack
 * reports that as `message_changed` (matterbridge#600, matrix-appservice-slack#262).
 */
export function deleteMessage(
  world: Workspace,
  channel: SimChannel,
  message: SimMessage,
  options: { silent?: boolean } = {},
): void {
  if (!isReply(message) && channel.store.replies(message.ts).length > 0) {
    const { reply_count, reply_users, reply_users_count, latest_reply } = message;
    changeMessage(
      world,
      channel,
      message,
      {
        type: 'message',
        subtype: 'tombstone',
        channel: channel.id,
        ts: message.ts,
        thread_ts: message.ts,
        user: 'USLACKBOT',
        parent_user_id: 'USLACKBOT',
        text: 'This message was deleted.',
        hidden: true,
        reactions: [],
        ...(reply_count === undefined ? {} : { reply_count }),
        ...(reply_users === undefined ? {} : { reply_users }),
        ...(reply_users_count === undefined ? {} : { reply_users_count }),
        ...(latest_reply === undefined ? {} : { latest_reply }),
      },
      options,
    );
    return;
  }
  channel.store.remove(message.ts);
  if (!options.silent) emitDeleted(world, channel, message);
  if (isReply(message) && message.thread_ts !== undefined) {
    const parent = channel.store.get(message.thread_ts);
    recount(channel, message.thread_ts);
    const gone = parent && isTombstone(parent) && !channel.store.get(parent.ts);
    if (gone && !options.silent) emitDeleted(world, channel, parent);
  }
  world.notify();
}

function emitReaction(
  world: Workspace,
  channel: SimChannel,
  message: SimMessage,
  change: { type: 'reaction_added' | 'reaction_removed'; user: string; reaction: string },
): void {
  world.emit(
    {
      ...change,
      item: { type: 'message', channel: channel.id, ts: message.ts },
      ...(message.user === undefined ? {} : { item_user: message.user }),
      event_ts: world.nextTs(),
    },
    channel,
  );
}

/** Returns false when the person already has this reaction. `name` must be the emoji's first name. */
export function addReaction(
  world: Workspace,
  channel: SimChannel,
  ts: string,
  user: string,
  name: string,
): boolean {
  const message = channel.store.get(ts);
  const existing = message?.reactions.find((r) => r.name === name);
  if (!message || existing?.users.includes(user)) return false;
  const grown: SimReaction = {
    name,
    users: [...(existing?.users ?? []), user],
    count: (existing?.count ?? 0) + 1,
  };
  const reactions = existing
    ? message.reactions.map((r) => (r === existing ? grown : r))
    : [...message.reactions, grown];
  channel.store.replace({ ...message, reactions });
  emitReaction(world, channel, message, { type: 'reaction_added', user, reaction: name });
  world.notify();
  return true;
}

/** Returns false when the person does not have this reaction. */
export function removeReaction(
  world: Workspace,
  channel: SimChannel,
  ts: string,
  user: string,
  name: string,
): boolean {
  const message = channel.store.get(ts);
  const existing = message?.reactions.find((r) => r.name === name);
  if (!message || !existing?.users.includes(user)) return false;
  const users = existing.users.filter((u) => u !== user);
  const reactions =
    users.length === 0
      ? message.reactions.filter((r) => r !== existing)
      : message.reactions.map((r) => (r === existing ? { name, users, count: users.length } : r));
  channel.store.replace({ ...message, reactions });
  emitReaction(world, channel, message, { type: 'reaction_removed', user, reaction: name });
  world.notify();
  return true;
}
