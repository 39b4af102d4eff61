// The state of the workspace: people, channels, ephemeral messages, views. It has no rules of its own;
// the Web API and people's actions change it.
import { randomBytes } from 'node:crypto';
import { createEmojiSet, type EmojiSet } from './emoji.ts';
import { createMessageStore, type MessageStore } from './message-store.ts';
import { createTsClock } from './timestamps.ts';
import {
  isObject,
  type JsonObject,
  type PostingLimit,
  type SimEphemeral,
  type SimIntegration,
  type SimUser,
  type SimView,
} from './types.ts';

export interface SimChannel {
  readonly id: string;
  readonly kind: 'channel' | 'group' | 'im';
  name: string;
  isArchived: boolean;
  /** Undefined: everybody may post. */
  posting?: { limit: PostingLimit; allowsEphemerals: boolean } | undefined;
  readonly created: number;
  readonly creator: string;
  readonly members: Set<string>;
  readonly store: MessageStore;
}

/** A file that the app uploads. */
interface SimUpload {
  name: string;
  size: number;
  bytes?: Buffer;
  isCompleted?: boolean;
}

export interface Workspace {
  readonly teamId: string;
  /** The Enterprise Grid that the workspace belongs to. */
  readonly enterpriseId: string | null;
  /** The app is installed on the whole of it, so its token is not bound to a workspace. */
  readonly orgInstall: boolean;
  readonly teamName: string;
  readonly teamDomain: string;
  readonly appId: string;
  readonly botId: string;
  readonly botUserId: string;
  readonly users: Map<string, SimUser>;
  readonly channels: Map<string, SimChannel>;
  /** By bot id; the app itself is one of them. */
  readonly integrations: Map<string, SimIntegration>;
  readonly ephemerals: SimEphemeral[];
  readonly views: Map<string, SimView>;
  /** The view of each person's Home tab. */
  readonly homes: Map<string, SimView>;
  readonly uploads: Map<string, SimUpload>;
  readonly emoji: EmojiSet;
  /** ms since 1970 */
  now(): number;
  nextTs(): string;
  newId(prefix: string): string;
  addChannel(
    channel: Pick<SimChannel, 'kind' | 'name'> & { id?: string; members?: Iterable<string> },
  ): SimChannel;
  /** The bot's direct conversation with a person, created on first use. */
  openIm(user: string): SimChannel;
  hasBot(channel: SimChannel): boolean;
  isChannelNameTaken(name: string): boolean;
  /** Sends an event to the app if it is subscribed and allowed to see it. */
  emit(event: JsonObject, channel?: SimChannel): void;
  /** Announces a change to everything that waits for a condition. */
  notify(): void;
}

export interface WorkspaceOptions {
  now?: (() => number) | undefined;
  enterpriseId?: string | undefined;
  /** Default: the app is installed in this workspace alone. */
  isOrgInstall?: () => boolean;
  salt?: string | undefined;
  /** Ids that do not follow from `salt`. */
  ids?: Partial<Pick<Workspace, 'teamId' | 'appId' | 'botId' | 'botUserId'>>;
  name?: string | undefined;
  domain?: string | undefined;
  /** Those of all workspaces that a token reaches. */
  uploads?: Map<string, SimUpload>;
}

/** Every Enterprise Grid has this name. */
export const ENTERPRISE_NAME = 'Sim Enterprise';

export function createWorkspace(
  hooks: Pick<Workspace, 'emit' | 'notify'> & WorkspaceOptions,
): Workspace {
  const now = hooks.now ?? Date.now;
  let serial = 0;
  const salt = hooks.salt ?? randomBytes(2).toString('hex').toUpperCase();
  const newId = (prefix: string) => {
    serial += 1;
    return `${prefix}0${salt}${String(serial).padStart(5, '0')}`;
  };
  const nextTs = createTsClock(now);
  const users = new Map<string, SimUser>();
  const channels = new Map<string, SimChannel>();
  // Drawn even where an id is given, so that the ids after it do not depend on that.
  const drawn = {
    botUserId: newId('U'),
    teamId: newId('T'),
    appId: newId('A'),
    botId: newId('B'),
  };
  const { botUserId, teamId, appId, botId } = { ...drawn, ...hooks.ids };
  const ims = new Map<string, SimChannel>();

  const addChannel: Workspace['addChannel'] = ({ kind, name, id, members }) => {
    const channel: SimChannel = {
      id: id ?? newId(kind === 'im' ? 'D' : 'C'),
      kind,
      name,
      isArchived: false,
      created: Math.floor(now() / 1000),
      creator: 'USLACKBOT',
      members: new Set(members ?? []),
      store: createMessageStore(),
    };
    if (channels.has(channel.id)) throw new Error(`There is a channel ${channel.id} already.`);
    channels.set(channel.id, channel);
    hooks.notify();
    return channel;
  };

  return {
    teamId,
    enterpriseId: hooks.enterpriseId ?? null,
    get orgInstall() {
      return hooks.isOrgInstall?.() ?? false;
    },
    teamName: hooks.name ?? 'Sim Team',
    teamDomain: hooks.domain ?? 'sim-team',
    appId,
    botId,
    botUserId,
    users,
    channels,
    integrations: new Map(),
    ephemerals: [],
    views: new Map(),
    homes: new Map(),
    uploads: hooks.uploads ?? new Map(),
    emoji: createEmojiSet(),
    nextTs,
    newId,
    addChannel,
    openIm(user) {
      const existing = ims.get(user);
      if (existing) return existing;
      const im = addChannel({ kind: 'im', name: user, members: [user, botUserId] });
      ims.set(user, im);
      return im;
    },
    hasBot: (channel) => channel.members.has(botUserId),
    isChannelNameTaken: (name) =>
      [...channels.values()].some((c) => c.name === name && c.kind !== 'im'),
    emit: hooks.emit,
    notify: hooks.notify,
    now,
  };
}

/** Whether a channel has members of another workspace: of the same Grid, or of another organization. */
function isShared(world: Workspace, { members }: SimChannel, by: 'grid' | 'outside'): boolean {
  return [...members].some((id) => {
    const { teamId = world.teamId, enterpriseId } = world.users.get(id) ?? {};
    if (teamId === world.teamId) return false;
    const isOfGrid = world.enterpriseId !== null && enterpriseId === world.enterpriseId;
    return isOfGrid === (by === 'grid');
  });
}

/** Whether an event is about a channel that has members of another organization. */
export function isExternal(world: Workspace, { channel, item }: JsonObject): boolean {
  const place = isObject(item) ? item.channel : isObject(channel) ? channel.id : channel;
  const found = world.channels.get(String(place));
  return found !== undefined && isShared(world, found, 'outside');
}

/** How the posts of an integration describe it. */
export function describeIntegration(
  { botId, appId, name }: SimIntegration,
  world: Workspace,
): JsonObject {
  const icons = Object.fromEntries(
    [36, 48, 72].map((size) => [`image_${size}`, `https://a.slack-edge.com/bot/${size}.png`]),
  );
  return {
    id: botId,
    deleted: false,
    name,
    updated: 0,
    app_id: appId,
    icons,
    team_id: world.teamId,
  };
}

/** What an app sees of a channel. */
export function describeChannel(channel: SimChannel, world: Workspace): JsonObject {
  if (channel.kind === 'im') {
    return {
      id: channel.id,
      created: channel.created,
      is_im: true,
      user: channel.name,
      is_archived: false,
    };
  }
  const isPrivate = channel.kind === 'group';
  return {
    id: channel.id,
    name: channel.name,
    name_normalized: channel.name,
    created: channel.created,
    creator: channel.creator,
    is_channel: !isPrivate,
    is_group: isPrivate,
    is_im: false,
    is_mpim: false,
    is_private: isPrivate,
    is_archived: channel.isArchived,
    is_general: false,
    is_shared: isShared(world, channel, 'grid') || isShared(world, channel, 'outside'),
    is_org_shared: isShared(world, channel, 'grid'),
    is_ext_shared: isShared(world, channel, 'outside'),
    is_pending_ext_shared: false,
    is_member: world.hasBot(channel),
    context_team_id: world.teamId,
    topic: { value: '', creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  };
}

/** What an app sees of a person; the locale only on request. */
export function describeUser(user: SimUser, world: Workspace, includeLocale = false): JsonObject {
  return {
    id: user.id,
    team_id: user.teamId,
    name: user.name,
    deleted: user.isDeactivated ?? false,
    is_bot: user.isBot,
    is_app_user: false,
    // Slack leaves out the rest about people who were deactivated.
    ...(!user.isDeactivated && {
      color: '9f69e7',
      real_name: user.realName,
      is_email_confirmed: !user.isBot,
      who_can_share_contact_card: 'EVERYONE',
      ...describeZone(user.tz, new Date(world.now())),
      ...(includeLocale && { locale: user.locale }),
      is_admin: user.isAdmin ?? false,
      is_owner: false,
      is_primary_owner: false,
      is_restricted: user.isRestricted,
      is_ultra_restricted: false,
    }),
    ...(user.isStranger && { is_stranger: true }),
    ...(user.enterpriseId && {
      enterprise_user: {
        id: user.id,
        enterprise_id: user.enterpriseId,
        enterprise_name: ENTERPRISE_NAME,
        is_admin: false,
        is_owner: false,
        teams: [user.teamId],
      },
    }),
    updated: 0,
    profile: describeProfile(user, world),
  };
}

/** What the event about a person says: all of it, with the fields of the workspace's own. */
export function describeChangedUser(user: SimUser, world: Workspace): JsonObject {
  const profile = { ...describeProfile(user, world), fields: null };
  return { ...describeUser(user, world, true), profile };
}

function describeProfile(user: SimUser, world: Workspace): JsonObject {
  const [firstName = '', ...rest] = user.realName.split(' ');
  const pictures = [24, 32, 48, 72, 192, 512].map((size) => [
    `image_${size}`,
    `https://secure.gravatar.com/avatar/${user.id}.jpg?s=${size}`,
  ]);
  return {
    title: '',
    phone: '',
    skype: '',
    real_name: user.realName,
    real_name_normalized: user.realName,
    display_name: user.displayName,
    display_name_normalized: user.displayName,
    first_name: firstName,
    last_name: rest.join(' '),
    status_text: '',
    status_text_canonical: '',
    status_emoji: '',
    status_emoji_display_info: [],
    status_expiration: 0,
    avatar_hash: user.id.toLowerCase(),
    ...Object.fromEntries(pictures),
    team: user.teamId,
    ...(user.id === world.botUserId ? { bot_id: world.botId, api_app_id: world.appId } : {}),
  };
}

/** A zone's name, what it is called now in English, and its seconds east of UTC now. */
function describeZone(tz: string, now: Date): JsonObject {
  const name = (timeZoneName: 'long' | 'longOffset') =>
    new Intl.DateTimeFormat('en-US', { timeZone: tz, timeZoneName })
      .formatToParts(now)
      .find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours, minutes] = /^GMT([+-])(\d\d):(\d\d)$/.exec(name('longOffset')) ?? [];
  const seconds = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60;
  return { tz, tz_label: name('long'), tz_offset: sign === '-' ? -seconds : seconds };
}
