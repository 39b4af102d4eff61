/**
 * What the error codes of Slack's Web API mean for the bot. A code may be in several lists. Collected
 * from the reference page of each method: https://docs.slack.dev/reference/methods, November 2026.
 */

/** The token is invalid, or lacks a scope. */
const TOKEN = [
  'not_authed',
  'invalid_auth',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
  'not_allowed_token_type',
] as const;

const CODES = {
  token: TOKEN,
  /** Slack refuses until somebody changes the app's settings, or the workspace's. */
  mendable: [
    ...TOKEN,
    'access_denied',
    'org_login_required',
    'team_access_not_granted',
    'message_limit_exceeded',
  ],
  /** The bot is not in the channel until it is invited again or the channel is unarchived. */
  away: ['not_in_channel', 'channel_not_found', 'is_archived', 'is_inactive'],
  /** Slack cannot do it now: it is tried again. */
  passing: ['rate_limited', 'team_added_to_org', 'update_failed', 'external_channel_migrating'],
  /** Slack refuses the blocks or their length. It may accept the same post in a simpler form. */
  shape: ['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'msg_too_long'],
  /** The message is gone, or its reaction is already as wanted: nothing is left to do. */
  moot: ['already_reacted', 'no_reaction', 'message_not_found'],
  /** The person is not in the channel, so nothing can be shown to them there. */
  unreachable: ['user_not_in_channel', 'user_not_found'],
  /** The post is gone, or the workspace no longer allows changing it. */
  unchangeable: ['message_not_found', 'cant_update_message', 'edit_window_closed'],
  /** Slack may have done some of the work before the error. */
  unclear: ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'],
} as const;

/** @param code undefined for a failure without a Slack error code */
export function isSlackError(code: string | undefined, meaning: keyof typeof CODES): boolean {
  const codes: readonly string[] = CODES[meaning];
  return code !== undefined && codes.includes(code);
}
