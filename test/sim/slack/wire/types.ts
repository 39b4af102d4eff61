import type {
  BlockAction,
  EnvelopedEvent,
  MessageShortcut,
  SlashCommand,
  ViewClosedAction,
  ViewSubmitAction,
} from '@slack/bolt';
import type {
  AppHomeOpenedEvent,
  AppMentionEvent,
  AppUninstalledEvent,
  BotMessageEvent,
  ChannelArchiveEvent,
  ChannelArchiveMessageEvent,
  ChannelIDChangedEvent,
  ChannelJoinMessageEvent,
  ChannelLeaveMessageEvent,
  ChannelLeftEvent,
  ChannelNameMessageEvent,
  ChannelRenameEvent,
  ChannelUnarchiveEvent,
  ChannelUnarchiveMessageEvent,
  EmojiChangedEvent,
  FileChangeEvent,
  FileShareMessageEvent,
  GenericMessageEvent,
  KnownBlock,
  MeMessageEvent,
  MemberJoinedChannelEvent,
  MemberLeftChannelEvent,
  MessageChangedEvent,
  MessageDeletedEvent,
  PlainTextElement,
  ReactionAddedEvent,
  ReactionRemovedEvent,
  TeamAccessGrantedEvent,
  TeamAccessRevokedEvent,
  ThreadBroadcastMessageEvent,
  TokensRevokedEvent,
  UserChangeEvent,
} from '@slack/types';
import type * as Api from '@slack/web-api';

/**
 * What the packages say that Slack sends, by what the stand-in sends it as: the answer of a method, an
 * event, or an interaction. `check.ts` compares.
 */
export interface Wire {
  'apps.uninstall': Plain<Api.AppsUninstallResponse>;
  'apps.connections.open': Plain<Api.AppsConnectionsOpenResponse>;
  'auth.revoke': Override<Plain<Api.AuthRevokeResponse>, Revoked>;
  'auth.teams.list': Plain<Api.AuthTeamsListResponse>;
  'auth.test': Plain<Api.AuthTestResponse>;
  'bots.info': Plain<Api.BotsInfoResponse>;
  'chat.delete': Plain<Api.ChatDeleteResponse>;
  'chat.getPermalink': Plain<Api.ChatGetPermalinkResponse>;
  'chat.postEphemeral': Plain<Api.ChatPostEphemeralResponse>;
  'chat.postMessage': Override<Plain<Api.ChatPostMessageResponse>, { message?: Message }>;
  'chat.update': Override<Plain<Api.ChatUpdateResponse>, { message?: Message }>;
  'conversations.history': History;
  'conversations.info': Plain<Api.ConversationsInfoResponse>;
  'conversations.join': Plain<Api.ConversationsJoinResponse>;
  'conversations.list': Plain<Api.ConversationsListResponse>;
  'conversations.members': Plain<Api.ConversationsMembersResponse>;
  'conversations.open': Plain<Api.ConversationsOpenResponse>;
  'conversations.replies': Override<
    Plain<Api.ConversationsRepliesResponse>,
    { messages?: Message[] }
  >;
  'emoji.list': Plain<Api.EmojiListResponse>;
  'files.completeUploadExternal': Plain<Api.FilesCompleteUploadExternalResponse>;
  'files.info': Plain<Api.FilesInfoResponse>;
  'files.getUploadURLExternal': Plain<Api.FilesGetUploadURLExternalResponse>;
  'oauth.v2.access': Installed<Plain<Api.OauthV2AccessResponse>>;
  'oauth.v2.exchange': Installed<Plain<Api.OauthV2ExchangeResponse>>;
  'reactions.add': Plain<Api.ReactionsAddResponse>;
  'reactions.get': Override<Plain<Api.ReactionsGetResponse>, { message?: Message }>;
  'reactions.list': Override<
    Plain<Api.ReactionsListResponse>,
    { items?: { type: string; channel: string; message: Message }[] }
  >;
  'reactions.remove': Plain<Api.ReactionsRemoveResponse>;
  'team.info': Plain<Api.TeamInfoResponse>;
  'users.conversations': Plain<Api.UsersConversationsResponse>;
  'users.info': Override<Plain<Api.UsersInfoResponse>, { user?: Member }>;
  'users.list': Override<Plain<Api.UsersListResponse>, { members?: Member[] }>;
  'views.open': Override<Plain<Api.ViewsOpenResponse>, { view?: View }>;
  'views.publish': Override<Plain<Api.ViewsPublishResponse>, { view?: View }>;
  'views.push': Override<Plain<Api.ViewsPushResponse>, { view?: View }>;
  'views.update': Override<Plain<Api.ViewsUpdateResponse>, { view?: View }>;

  envelope: Envelope;
  app_home_opened: Override<AppHomeOpenedEvent, { view?: View }>;
  app_mention: Override<AppMentionEvent, Beyond>;
  app_uninstalled: AppUninstalledEvent;
  channel_archive: ChannelArchiveEvent;
  channel_id_changed: ChannelIDChangedEvent;
  channel_left: ChannelLeftEvent;
  channel_rename: ChannelRenameEvent;
  channel_unarchive: ChannelUnarchiveEvent;
  'emoji_changed/add': EmojiChangedEvent;
  'emoji_changed/remove': EmojiChangedEvent;
  file_change: FileChangeEvent & Timed;
  member_joined_channel: MemberJoinedChannelEvent;
  member_left_channel: MemberLeftChannelEvent;
  message: Generic;
  'message/bot_message': Override<BotMessageEvent, Beyond>;
  'message/channel_archive': Override<ChannelArchiveMessageEvent, Beyond>;
  'message/channel_join': Override<ChannelJoinMessageEvent, Beyond>;
  'message/channel_leave': Override<ChannelLeaveMessageEvent, Beyond>;
  'message/channel_unarchive': Override<ChannelUnarchiveMessageEvent, Beyond>;
  'message/channel_name': Override<ChannelNameMessageEvent, Beyond>;
  'message/file_share': Override<FileShareMessageEvent, Beyond>;
  'message/me_message': Override<MeMessageEvent, Beyond>;
  'message/message_changed': Changed;
  'message/message_deleted': Deleted;
  'message/thread_broadcast': Override<ThreadBroadcastMessageEvent, Beyond & { root: Message }>;
  reaction_added: ReactionAddedEvent;
  reaction_removed: ReactionRemovedEvent;
  team_access_granted: TeamAccessGrantedEvent;
  team_access_revoked: TeamAccessRevokedEvent;
  tokens_revoked: TokensRevokedEvent;
  user_change: Override<UserChangeEvent, { user: ChangedUser }>;

  slash_command: Known<SlashCommand>;
  block_actions: Interaction<Pressed>;
  message_action: Interaction<MessageShortcut>;
  view_submission: Interaction<ViewSubmitAction>;
  view_closed: Interaction<ViewClosedAction>;
}

// Where the packages' types are known to be too narrow, each with its reason.

/** The sample was an error; the documentation has the field. */
interface Revoked {
  revoked?: boolean;
}

/** `team` is null for a whole Enterprise Grid, `enterprise` for a workspace outside of one (documented). */
type Installed<T> = Override<T, { team?: Named | null; enterprise?: Named | null }>;
interface Named {
  id: string;
  name: string;
}

/**
 * What concerns a whole Enterprise Grid names no workspace, and nobody is authorized for some of it
 * (docs.slack.dev/reference/events/team_access_granted).
 */
type Envelope = Override<
  Known<EnvelopedEvent<unknown>>,
  { team_id?: string; authorizations?: Override<Authorization, { user_id?: string }>[] }
>;
type Authorization = NonNullable<EnvelopedEvent['authorizations']>[number];

/** Each event has its time; this type was written without. */
interface Timed {
  event_ts: string;
}

/** What messages have beyond their types, in answers and in events. */
interface Beyond {
  /** Generated from samples without blocks of every kind; the types of the blocks themselves are whole. */
  blocks?: KnownBlock[];
  /** Each post of an app names it (measured). */
  app_id?: string;
  bot_id?: string;
  bot_profile?: GenericMessageEvent['bot_profile'];
  /** The author's team (measured), and for people of other organizations twice more (Slack Connect). */
  team?: string;
  user_team?: string;
  source_team?: string;
  /** Its kind always comes, what it holds only on request. */
  metadata?: { event_type: string; event_payload?: Record<string, unknown> };
  /** Slack renders typed messages and replies alike, whatever their subtype. */
  client_msg_id?: string;
  parent_user_id?: string;
  thread_ts?: string;
  /** The type of files in events is older than the one in answers. */
  files?: Sample['files'];
  /** Of a channel that was renamed; in the event's type alone. */
  name?: string;
  old_name?: string;
  /** The type for events is the one for posting: without numbers and forwarded messages. */
  attachments?: Attachment[];
  edited?: { user: string; ts: string };
}

/** One shape for all methods: some of their types lack `ts`, `edited` or the counts of a thread. */
type Message = Override<Sample, Beyond & { root?: Message }>;
type Attachment = Override<
  SampleAttachment,
  /** No sample was a message that somebody shared. */
  { blocks?: KnownBlock[]; message_blocks?: Forward[]; is_share?: boolean }
>;
type SampleAttachment = NonNullable<Sample['attachments']>[number];
type SampleForward = NonNullable<SampleAttachment['message_blocks']>[number];
type Forward = Override<SampleForward, { message?: { blocks?: KnownBlock[] } }>;
type Sample = Plain<NonNullable<Api.ConversationsHistoryResponse['messages']>[number]>;

/** `channel_actions_ts` is null in channels without actions. */
type History = Override<
  Plain<Api.ConversationsHistoryResponse>,
  { messages?: Message[]; channel_actions_ts?: number | null }
>;

/** The types of events say `subtype: undefined` for none, which JSON cannot. */
type Generic = Override<Omit<GenericMessageEvent, 'subtype'>, Beyond>;

/** Nested messages lack `channel` and `event_ts`, which the types of events ask for. */
type Changed = Override<MessageChangedEvent, { message: Message; previous_message: Message }>;
type Deleted = Override<MessageDeletedEvent, { previous_message: Message }>;

/** `is_stranger` was in none of the samples. */
type Member = Plain<NonNullable<Api.UsersInfoResponse['user']>> & { is_stranger?: boolean };

/** Slack leaves these out about people who were deactivated (measured). */
type ChangedUser = Partial<UserChangeEvent['user']> & Pick<UserChangeEvent['user'], Always>;
type Always = Exclude<
  keyof UserChangeEvent['user'],
  | 'real_name'
  | 'color'
  | 'is_email_confirmed'
  | 'who_can_share_contact_card'
  | 'tz'
  | 'tz_label'
  | 'tz_offset'
  | 'locale'
  | 'is_admin'
  | 'is_owner'
  | 'is_primary_owner'
  | 'is_restricted'
  | 'is_ultra_restricted'
>;

/** What is not set is null, not left out; blocks have the types of their own. */
type View = Override<
  Plain<NonNullable<Api.ViewsOpenResponse['view']>>,
  {
    blocks?: KnownBlock[];
    close?: PlainTextElement | null;
    submit?: PlainTextElement | null;
    previous_view_id?: string | null;
  }
>;

/** A press in a modal or in Home has nothing to respond to. */
type Pressed = Override<BlockAction, { response_url?: string }>;

/** `enterprise` is null outside a Grid, and people always have both names (measured). */
type Interaction<T extends { user: object }> = Override<
  T,
  {
    enterprise?: { id: string; name: string } | null;
    user: T['user'] & { name: string; username: string };
  }
>;

type Override<T, U> = Omit<T, keyof U> & U;

/** Without the index signature, which lets everything pass. */
type Known<T> = { [K in keyof T as string extends K ? never : K]: T[K] };

/** A value as JSON has it: enums are strings. */
type Plain<T> = 0 extends 1 & T
  ? T
  : T extends string
    ? string extends T
      ? string
      : `${T}`
    : T extends (infer Item)[]
      ? Plain<Item>[]
      : T extends object
        ? { [K in keyof T]: Plain<T[K]> }
        : T;
