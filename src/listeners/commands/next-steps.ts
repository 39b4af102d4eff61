/** What people can do about a refusal of Slack's, by its error code. */

const REINSTALL =
  'my app lacks a permission. Ask the person who runs me to install it again with the current manifest.';
const NEW_TOKEN = 'Slack rejects my token. Ask the person who runs me to make a new one.';

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
  message_limit_exceeded: 'the workspace has reached its message limit. An admin can raise it.',
  accesslimited:
    'the workspace lets my app in only from certain networks. An admin can add the network that I run in.',
  two_factor_setup_required:
    'the workspace requires two-factor authentication. An admin can set it up.',
  enterprise_is_restricted:
    'the organization restricts my app. An admin of the organization can allow it.',
  team_added_to_org: 'Slack is moving the workspace. I continue when it is done.',
  org_login_required: 'Slack is moving the workspace. I continue when it is done.',
};

/** @returns undefined when there is nothing to fix */
export const findMend = (trouble: string): string | undefined =>
  Object.hasOwn(FIXES, trouble) ? FIXES[trouble] : undefined;

const REACTIONS = 'Slack allows no more reactions there. Nothing is lost.';

const STEPS: Record<string, string> = {
  too_many_reactions: REACTIONS,
  too_many_emoji: REACTIONS,
  not_reactable: REACTIONS,
  thread_locked: 'The thread is locked: unlock it.',
  thread_not_found: 'The summary has been deleted. `search` finds its messages.',
};

export function adviseOn(trouble: string | null): string {
  const known = trouble !== null && Object.hasOwn(STEPS, trouble) ? STEPS[trouble] : undefined;
  return known ?? 'The person who runs me finds more in the log.';
}
