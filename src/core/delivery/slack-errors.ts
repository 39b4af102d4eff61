/**
 * What error codes of Slack's Web API mean for the bot; a code may stand in several lists. Collected
 * from the reference of each method: https://docs.slack.dev/reference/methods, November 2026.
 */

/** The token or its scopes are no good. */
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
  /** Slack refuses the app itself until somebody mends its settings. */
  mendable: [...TOKEN, 'access_denied', 'org_login_required', 'team_access_not_granted'],
  /** The bot is not in the channel until it is invited again or the channel is unarchived. */
  away: ['not_in_channel', 'channel_not_found', 'is_archived'],
  /** Blocks or a length are refused: the same post in a simpler form may be taken. */
  shape: ['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'msg_too_long'],
  /** The message that a reaction is about is gone, or is already as wanted: nothing is left to do. */
  moot: ['already_reacted', 'no_reaction', 'message_not_found'],
  /** Somebody who is not in a channel cannot be spoken to in it. */
  unreachable: ['user_not_in_channel', 'user_not_found'],
  /** The post is gone, or the workspace allows no change of it any more. */
  unchangeable: ['message_not_found', 'cant_update_message', 'edit_window_closed'],
  /** Some of the work may have been done before the error. */
  unclear: ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'],
} as const;

/** @param code undefined for a failure that has no code of Slack's */
export function isSlackError(code: string | undefined, meaning: keyof typeof CODES): boolean {
  const codes: readonly string[] = CODES[meaning];
  return code !== undefined && codes.includes(code);
}
