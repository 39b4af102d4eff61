// The types of the simulated workspace. Messages use Slack's field names, so that tests look at what an
// app would read.

export type JsonObject = Record<string, unknown>;

export interface SimUser {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  readonly displayName: string;
  readonly tz: string;
  readonly locale: string;
  readonly isBot: boolean;
  readonly isRestricted: boolean;
  /** An admin of the workspace. */
  readonly isAdmin?: boolean | undefined;
  readonly teamId: string;
  /** The Enterprise Grid of their team. */
  readonly enterpriseId?: string | undefined;
  /** Of another organization, and in no channel that is shared with it. */
  readonly isStranger?: boolean | undefined;
  readonly isDeactivated?: boolean;
}

/**
 * What the app may not post in a channel. `preference`: the workspace lets only some people post;
 * `general`: only admins post in its general channel.
 */
export type PostingLimit = 'preference' | 'general' | 'read_only' | 'thread_only' | 'no_threads';

/** An app that posts into channels, such as a form or a ticket system. */
export interface SimIntegration {
  readonly botId: string;
  readonly appId: string;
  readonly name: string;
  /** Today's apps have a bot user; older ones post under a name alone. */
  readonly user?: string | undefined;
}

export interface SimReaction {
  readonly name: string;
  /** Everybody, in the order of reacting; the Web API returns only the first few. */
  readonly users: readonly string[];
  readonly count: number;
}

/** Immutable: every change stores a new object. */
export interface SimMessage {
  readonly type: 'message';
  readonly channel: string;
  readonly ts: string;
  readonly text: string;
  readonly reactions: readonly SimReaction[];
  readonly subtype?: string;
  readonly user?: string;
  readonly bot_id?: string;
  readonly app_id?: string;
  readonly team?: string;
  /** The author's team, on posts of people from other organizations. */
  readonly user_team?: string;
  readonly source_team?: string;
  readonly client_msg_id?: string;
  /** The name that an integration posts under. */
  readonly username?: string;
  readonly bot_profile?: JsonObject;
  readonly thread_ts?: string;
  readonly parent_user_id?: string;
  readonly blocks?: readonly JsonObject[];
  readonly attachments?: readonly JsonObject[];
  readonly files?: readonly JsonObject[];
  readonly metadata?: JsonObject;
  readonly edited?: { readonly user: string; readonly ts: string };
  readonly inviter?: string;
  /** Messages about a renamed channel have both names. */
  readonly name?: string;
  readonly old_name?: string;
  readonly hidden?: boolean;
  readonly reply_count?: number;
  readonly reply_users?: readonly string[];
  readonly reply_users_count?: number;
  readonly latest_reply?: string;
  /** How the app asked Slack to parse the text; decides whom it pings. Not sent to apps. */
  readonly parse?: string;
  readonly link_names?: boolean;
}

export interface SimEphemeral {
  readonly id: string;
  readonly channel: string;
  readonly user: string;
  readonly ts: string;
  readonly text: string;
  readonly blocks?: readonly JsonObject[];
  readonly attachments?: readonly JsonObject[];
  readonly thread_ts?: string;
}

export interface SimView {
  readonly id: string;
  readonly kind: 'modal' | 'home';
  readonly user: string;
  readonly hash: string;
  /** The view from the app, with block ids filled in. */
  readonly view: JsonObject;
  readonly rootViewId: string;
  readonly previousViewId: string | null;
}

export interface ApiCall {
  readonly method: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly args: JsonObject;
  readonly ok: boolean;
  readonly error?: string;
  readonly status: number;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** The outcome of a command, click or submission. */
export type Interaction = { acked: true; response?: unknown } | { acked: false; error: string };

/** The Web API answers it with `ok: false`. */
export class ApiError extends Error {
  readonly code: string;
  readonly extra: JsonObject;
  constructor(code: string, extra: JsonObject = {}) {
    super(code);
    this.name = 'ApiError';
    this.code = code;
    this.extra = extra;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
