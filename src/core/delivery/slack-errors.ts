/**
 * What each documented error of Slack's Web API means for the call that it answers. Collected from
 * the reference page of each method: https://docs.slack.dev/reference/methods, November 2026. An
 * error that is not listed is `dead`.
 */
export type Meaning =
  /** Nothing is left to do: it is as wanted already, or what it was about is gone. */
  | 'done'
  /** Slack refuses the blocks or their length. It may accept the same post in a simpler form. */
  | 'simpler'
  /** Slack cannot do it for now. */
  | 'retry'
  /** Slack may have done some of the work before the error. */
  | 'unclear'
  /** Held: the token is invalid, or lacks a scope. Nothing works until somebody mends the app. */
  | 'token'
  /** Held: the workspace does not let the app in for now. */
  | 'workspace'
  /** Held: the channel does not let the app post, until somebody changes its settings. */
  | 'posting'
  /** Held: the workspace does not have this emoji. */
  | 'emoji'
  /** The bot is not in the channel until it is invited again or the channel is unarchived. */
  | 'away'
  /** Trying again would not help. */
  | 'dead';

const OF_EVERY_METHOD = byCode({
  retry: [
    'ratelimited',
    'rate_limited',
    'message_limit_exceeded',
    'team_added_to_org',
    'org_login_required',
    'external_channel_migrating',
    'update_failed',
    'streaming_state_conflict',
    'hash_conflict',
    'file_update_failed',
  ],
  unclear: ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'],
  token: [
    'not_authed',
    'invalid_auth',
    'account_inactive',
    'token_revoked',
    'token_expired',
    'missing_scope',
    'not_allowed_token_type',
  ],
  workspace: [
    'access_denied',
    'team_access_not_granted',
    'accesslimited',
    'two_factor_setup_required',
    'enterprise_is_restricted',
  ],
  posting: [
    'restricted_action',
    'restricted_action_read_only_channel',
    'restricted_action_thread_only_channel',
    'restricted_action_non_threadable_channel',
    'posting_to_channel_denied',
    'posting_to_general_channel_denied',
    'user_is_restricted',
    'ekm_access_denied',
    'no_permission',
  ],
  away: ['not_in_channel', 'channel_not_found', 'is_archived', 'is_inactive'],
});

const SHAPES = ['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'msg_too_long'];

const OF_METHOD = new Map([
  ['chat.postMessage', byCode({ simpler: SHAPES })],
  [
    'chat.postEphemeral',
    // The person is not in the channel, so nothing can be shown to them there.
    byCode({ simpler: SHAPES, done: ['user_not_in_channel', 'user_not_found'] }),
  ],
  [
    'chat.update',
    byCode({
      simpler: SHAPES,
      // The post is gone, or the workspace no longer allows changing it.
      done: ['message_not_found', 'cant_update_message', 'edit_window_closed'],
    }),
  ],
  [
    'reactions.add',
    byCode({ done: ['already_reacted', 'message_not_found'], emoji: ['invalid_name'] }),
  ],
  [
    'reactions.remove',
    // A reaction with an emoji that is gone is gone with it.
    byCode({ done: ['no_reaction', 'message_not_found', 'invalid_name'] }),
  ],
]);

function byCode(codes: Partial<Record<Meaning, readonly string[]>>): Map<string, Meaning> {
  const entries = Object.entries(codes) as [Meaning, readonly string[]][];
  return new Map(entries.flatMap(([meaning, all]) => all.map((code) => [code, meaning] as const)));
}

/** What the refusal of a call means. */
export function readRefusal(method: string, code: string): Meaning {
  return OF_METHOD.get(method)?.get(code) ?? OF_EVERY_METHOD.get(code) ?? 'dead';
}

/**
 * Whether an error means this for any method, such as a read.
 * @param code undefined for a failure without a Slack error code
 */
export function isSlackError(code: string | undefined, meaning: Meaning): boolean {
  return code !== undefined && OF_EVERY_METHOD.get(code) === meaning;
}
