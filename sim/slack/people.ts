// What people and other bots do in the workspace. A call returns once the change is stored; its
// events are sent afterwards.
import { randomUUID } from 'node:crypto';
import { signPost } from './integrations.ts';
import {
  addMember,
  archiveChannel,
  changeChannelId,
  removeMember,
  renameChannel,
  unarchiveChannel,
} from './membership.ts';
import { isReply } from './message-store.ts';
import {
  addMessage,
  addReaction,
  changeMessage,
  deleteMessage,
  removeReaction,
} from './messages.ts';
import { isCanonicalTs, msToTs } from './timestamps.ts';
import { typedBlocks } from './typed-blocks.ts';
import type { JsonObject, PostingLimit, SimMessage, SimUser } from './types.ts';
import { renderView } from './view-store.ts';
import { describeChangedUser, type SimChannel, type Workspace } from './workspace.ts';

interface NewUser {
  name: string;
  realName?: string;
  /** What Slack's apps call the person; default the name. */
  displayName?: string;
  /** IANA name; default UTC. */
  tz?: string;
  /** A language tag; default en-US. */
  locale?: string;
  isBot?: boolean;
  isRestricted?: boolean;
  isAdmin?: boolean;
  /** The team of somebody from elsewhere: default the workspace itself. */
  teamId?: string;
  enterpriseId?: string;
  isStranger?: boolean;
  id?: string;
}

interface NewPost {
  channel: string;
  /** Undefined only when another bot without a user posts. */
  user?: string;
  /** As Slack stores it: entities for & < >, tokens for mentions and links. */
  text?: string;
  threadTs?: string;
  broadcast?: boolean;
  subtype?: string;
  botId?: string;
  /** The name that an integration gives itself for this post. */
  username?: string;
  files?: JsonObject[];
  attachments?: JsonObject[];
  blocks?: JsonObject[];
  metadata?: JsonObject;
  /** Backdates the post: ten digits, a point, six digits. */
  ts?: string;
  /** Sends no event. */
  silent?: boolean;
}

interface Target {
  channel: string;
  ts: string;
}

export interface People {
  addUser(user: NewUser): string;
  /** A member becomes an admin of the workspace, or is one no more. */
  setAdmin(user: string, isAdmin: boolean): void;
  /** A guest becomes a member. */
  promote(user: string): void;
  /** They are gone from every channel; nothing says that they left. */
  deactivate(user: string): void;
  /** An app that posts; its bot id. With a bot user it signs as today's apps do. */
  addIntegration(integration: { name: string; hasUser?: boolean; botId?: string }): string;
  /** Adds `members` without an event or a line in the channel. */
  addChannel(channel: {
    name: string;
    isPrivate?: boolean;
    members?: string[];
    id?: string;
  }): string;
  addEmoji(name: string): void;
  removeEmoji(name: string): void;
  inviteBot(channel: string, inviter: string): void;
  removeBot(channel: string, actor?: string): void;
  join(channel: string, user: string, inviter?: string): void;
  leave(channel: string, user: string): void;
  archive(channel: string, user?: string): void;
  unarchive(channel: string, user?: string): void;
  /** A channel gets another id, as when a private one is shared; the old id is unknown from then on. */
  changeId(channel: string, id: string): void;
  rename(channel: string, name: string, user?: string): void;
  /** An admin limits what the app may post there; without `limit` it may post again. */
  limitPosting(
    channel: string,
    limit?: PostingLimit,
    options?: { allowsEphemerals?: boolean },
  ): void;
  post(post: NewPost): string;
  edit(
    change: Target & {
      text: string;
      blocks?: JsonObject[];
      attachments?: JsonObject[];
      silent?: boolean;
    },
  ): void;
  /** Sends a reply to the channel as well, after it was posted. */
  broadcast(target: Target): void;
  delete(target: Target & { silent?: boolean }): void;
  /** Retention: everything older than this many days is gone, and no event says so. */
  forget(days: number): void;
  /** Slack adds a link preview: the message changes, its text does not. */
  unfurl(target: Target): void;
  /** Slack has written down what a clip says: the messages that it is in have it from now on. */
  transcribe(file: string, text: string, options?: { silent?: boolean }): void;
  react(reaction: Target & { user: string; name: string }): void;
  unreact(reaction: Target & { user: string; name: string }): void;
  openHome(user: string, tab?: 'home' | 'messages'): void;
}

export function createPeople(world: Workspace): People {
  const channelOf = (id: string): SimChannel => {
    const channel = world.channels.get(id);
    if (!channel) throw new Error(`There is no channel ${id} in the simulated workspace.`);
    return channel;
  };
  const messageOf = ({ channel, ts }: Target): SimMessage => {
    const message = channelOf(channel).store.get(ts);
    if (!message || message.subtype === 'tombstone')
      throw new Error(`There is no message ${ts} in ${channel}.`);
    return message;
  };
  const requireUser = (id: string): string => {
    if (!world.users.has(id)) throw new Error(`There is no user ${id} in the simulated workspace.`);
    return id;
  };
  const nameOf = (name: string): string => {
    const resolved = world.emoji.resolve(name);
    if (resolved === undefined)
      throw new Error(`Slack has no emoji :${name}:; addEmoji makes a custom one.`);
    return resolved;
  };
  /** The blocks of what a person types; integrations bring their own, or have none. */
  const blocksOf = (
    post: { user?: string; bot_id?: string; text: string; ts: string },
    blocks: readonly JsonObject[] | undefined,
  ) => {
    if (blocks) return { blocks };
    const isTyped = post.bot_id === undefined && world.users.get(post.user ?? '')?.isBot === false;
    return isTyped ? typedBlocks(post.text, post.ts, world.emoji) : undefined;
  };
  const someone = (channel: SimChannel): string =>
    [...channel.members].find((id) => id !== world.botUserId) ?? 'USLACKBOT';

  const changeUser = (user: string, change: Partial<SimUser>): void => {
    const person = world.users.get(user);
    if (!person) throw new Error(`There is no user ${user} in the simulated workspace.`);
    const changed = { ...person, ...change };
    world.users.set(user, changed);
    const ts = world.nextTs();
    world.emit({
      type: 'user_change',
      user: describeChangedUser(changed, world),
      cache_ts: Math.floor(Number(ts)),
      event_ts: ts,
    });
    world.notify();
  };

  const people: People = {
    addUser({
      name,
      realName = name,
      displayName = name,
      tz = 'UTC',
      locale = 'en-US',
      isBot = false,
      isRestricted = false,
      isAdmin,
      teamId = world.teamId,
      enterpriseId,
      isStranger,
      id = world.newId('U'),
    }) {
      if (world.users.has(id)) throw new Error(`There is a user ${id} already.`);
      const person = { id, name, realName, displayName, tz, locale, isBot, isRestricted };
      world.users.set(id, { ...person, isAdmin, teamId, enterpriseId, isStranger });
      world.notify();
      return id;
    },
    setAdmin: (user, isAdmin) => changeUser(user, { isAdmin }),
    promote: (user) => changeUser(user, { isRestricted: false }),
    deactivate(user) {
      for (const { members } of world.channels.values()) members.delete(user);
      changeUser(user, { isDeactivated: true });
    },
    addIntegration({ name, hasUser = false, botId = world.newId('B') }) {
      if (world.integrations.has(botId)) throw new Error(`There is a bot ${botId} already.`);
      const user = hasUser ? people.addUser({ name, isBot: true }) : undefined;
      world.integrations.set(botId, { botId, appId: world.newId('A'), name, user });
      return botId;
    },
    addChannel({ name, isPrivate = false, members = [], id }) {
      if (world.isChannelNameTaken(name))
        throw new Error(`There is a channel named ${name} already.`);
      return world.addChannel({
        kind: isPrivate ? 'group' : 'channel',
        name,
        members,
        ...(id === undefined ? {} : { id }),
      }).id;
    },
    addEmoji(name) {
      world.emoji.add(name);
      const value = world.emoji.custom()[name];
      world.emit({ type: 'emoji_changed', subtype: 'add', name, value, event_ts: world.nextTs() });
    },
    removeEmoji(name) {
      world.emoji.remove(name);
      const event_ts = world.nextTs();
      world.emit({ type: 'emoji_changed', subtype: 'remove', names: [name], event_ts });
    },
    inviteBot: (channel, inviter) =>
      addMember(world, channelOf(channel), world.botUserId, requireUser(inviter)),
    removeBot(channel, actor) {
      const from = channelOf(channel);
      removeMember(world, from, world.botUserId, actor ?? someone(from));
    },
    join: (channel, user, inviter) =>
      addMember(world, channelOf(channel), requireUser(user), inviter),
    leave: (channel, user) => removeMember(world, channelOf(channel), requireUser(user), user),
    archive: (channel, user) =>
      archiveChannel(world, channelOf(channel), user ?? someone(channelOf(channel))),
    unarchive: (channel, user) =>
      unarchiveChannel(world, channelOf(channel), user ?? someone(channelOf(channel))),
    changeId: (channel, id) => changeChannelId(world, channelOf(channel), id),
    rename: (channel, name, user) =>
      renameChannel(world, channelOf(channel), name, user ?? someone(channelOf(channel))),
    limitPosting(channel, limit, { allowsEphemerals = false } = {}) {
      channelOf(channel).posting = limit && { limit, allowsEphemerals };
      world.notify();
    },
    post(post) {
      const channel = channelOf(post.channel);
      if (channel.isArchived)
        throw new Error(`The channel ${channel.name} is archived; nobody can post there.`);
      const { user, botId, threadTs, ts = world.nextTs() } = post;
      if (user !== undefined) requireUser(user);
      if (!isCanonicalTs(ts)) throw new Error(`"${ts}" is no Slack ts like 1700000000.000100.`);
      if (channel.store.get(ts))
        throw new Error(`There is a message ${ts} in ${channel.name} already.`);
      const parent = threadTs === undefined ? undefined : channel.store.get(threadTs);
      if (threadTs !== undefined && (!parent || isReply(parent))) {
        throw new Error(`There is no message ${threadTs} in ${channel.name} to reply to.`);
      }
      const subtype =
        post.subtype ??
        (post.broadcast ? 'thread_broadcast' : post.files ? 'file_share' : undefined);
      const { text = '' } = post;
      const author = {
        ...(botId === undefined ? {} : signPost(world, botId, post.username)),
        ...(user === undefined ? {} : { user }),
      };
      addMessage(
        world,
        channel,
        {
          ts,
          text,
          ...author,
          ...(user !== undefined && botId === undefined ? { client_msg_id: randomUUID() } : {}),
          ...(subtype === undefined ? {} : { subtype }),
          ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
          ...(post.files ? { files: post.files } : {}),
          ...(post.attachments ? { attachments: post.attachments } : {}),
          ...blocksOf({ ...author, text, ts }, post.blocks),
          ...(post.metadata ? { metadata: post.metadata } : {}),
        },
        post.silent ? { silent: true } : {},
      );
      return ts;
    },
    edit({ text, blocks, attachments, silent = false, ...target }) {
      const message = messageOf(target);
      const editor = message.user ?? message.bot_id ?? 'USLACKBOT';
      const next = {
        ...message,
        text,
        edited: { user: editor, ts: world.nextTs() },
        ...blocksOf({ ...message, text }, blocks),
        ...(attachments ? { attachments } : {}),
      };
      changeMessage(world, channelOf(target.channel), message, next, { silent });
    },
    broadcast(target) {
      const message = messageOf(target);
      if (!isReply(message) || message.subtype === 'thread_broadcast')
        throw new Error(`${target.ts} is no reply that the channel does not see yet.`);
      const next: SimMessage = { ...message, subtype: 'thread_broadcast' };
      changeMessage(world, channelOf(target.channel), message, next);
    },
    delete: ({ silent = false, ...target }) =>
      deleteMessage(world, channelOf(target.channel), messageOf(target), { silent }),
    forget(days) {
      const cutoff = msToTs(world.now() - days * 24 * 3_600_000);
      for (const { store } of world.channels.values()) {
        for (const { ts } of store.all()) if (ts < cutoff) store.remove(ts);
      }
      world.notify();
    },
    unfurl(target) {
      const message = messageOf(target);
      const preview = {
        id: 1,
        from_url: 'https://example.com/',
        title: 'Example',
        text: 'A preview.',
        fallback: 'Example',
      };
      changeMessage(world, channelOf(target.channel), message, {
        ...message,
        attachments: [...(message.attachments ?? []), preview],
      });
    },
    transcribe(id, content, { silent = false } = {}) {
      const transcription = {
        status: 'complete',
        locale: 'en-US',
        preview: { content, has_more: false },
      };
      for (const { store } of world.channels.values()) {
        for (const message of store.all()) {
          if (!message.files?.some((file) => file.id === id)) continue;
          const files = message.files.map((file) =>
            file.id === id ? { ...file, transcription } : file,
          );
          store.replace({ ...message, files });
        }
      }
      if (!silent) {
        world.emit({ type: 'file_change', file_id: id, file: { id }, event_ts: world.nextTs() });
      }
      world.notify();
    },
    react({ user, name, ...target }) {
      messageOf(target);
      const emoji = nameOf(name);
      if (!addReaction(world, channelOf(target.channel), target.ts, requireUser(user), emoji)) {
        throw new Error(`${user} has reacted with :${emoji}: already.`);
      }
    },
    unreact({ user, name, ...target }) {
      messageOf(target);
      const emoji = nameOf(name);
      if (!removeReaction(world, channelOf(target.channel), target.ts, user, emoji)) {
        throw new Error(`${user} has no reaction :${emoji}: to take back.`);
      }
    },
    openHome(user, tab = 'home') {
      const view = world.homes.get(requireUser(user));
      world.emit({
        type: 'app_home_opened',
        user,
        channel: world.openIm(user).id,
        tab,
        ...(view && tab === 'home' ? { view: renderView(view, world) } : {}),
        event_ts: world.nextTs(),
      });
    },
  };
  return people;
}
