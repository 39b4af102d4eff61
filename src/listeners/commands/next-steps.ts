/** What people can do about a refusal of Slack's, by its error code. */

const REINSTALL =
  'my app lacks a permission. Whoever runs me installs it again, with the manifest as it is now.';
const NEW_TOKEN = 'Slack does not take my token. Whoever runs me makes a new one.';

/** Refusals of the app itself. Once the cause is fixed, delivery continues on its own. */
const FIXES: Record<string, string> = {
  missing_scope: REINSTALL,
  access_denied: REINSTALL,
  team_access_not_granted: REINSTALL,
  not_authed: NEW_TOKEN,
  invalid_auth: NEW_TOKEN,
  account_inactive: NEW_TOKEN,
  token_revoked: NEW_TOKEN,
  token_expired: NEW_TOKEN,
  org_login_required: 'the workspace is being moved by Slack. It goes on when that is done.',
};

/** @returns undefined when there is nothing to fix */
export const findMend = (trouble: string): string | undefined =>
  Object.hasOwn(FIXES, trouble) ? FIXES[trouble] : undefined;

const ASK_ADMIN = 'An admin decides who may post here: ask for my app to be allowed.';
const REACTIONS = 'Slack allows no more reactions there: nothing can be done, and nothing is lost.';

const STEPS: Record<string, string> = {
  invalid_name:
    'An emoji of the categories is not in this workspace: add it, or choose another one for the category.',
  restricted_action: ASK_ADMIN,
  restricted_action_read_only_channel: ASK_ADMIN,
  restricted_action_thread_only_channel: ASK_ADMIN,
  posting_to_general_channel_denied: ASK_ADMIN,
  no_permission: ASK_ADMIN,
  ekm_access_denied: ASK_ADMIN,
  too_many_reactions: REACTIONS,
  too_many_emoji: REACTIONS,
  not_reactable: REACTIONS,
  thread_locked: 'The thread is locked. Unlock it for what comes next.',
  thread_not_found: 'The summary has been deleted. What it told of is found by `search`.',
  message_limit_exceeded: 'The workspace has used up its messages. An admin can get it more.',
};

export function adviseOn(trouble: string | null): string {
  const known = trouble !== null && Object.hasOwn(STEPS, trouble) ? STEPS[trouble] : undefined;
  return known ?? 'Whoever runs me finds more about it in the log.';
}
