import { isSlackError } from './slack-errors.ts';

/**
 * What a person can do when Slack refuses the app itself: when asked who the bot is (`auth.test`) or which
 * channels it is in (`users.conversations`), or for anything else. It is the person who runs the bot; in a hosted
 * bot, where nobody has a token to copy, it is one who may install it. Collected from the reference pages of both
 * methods: https://docs.slack.dev/reference/methods, November 2026.
 */

/** What names a token, the manifest or the app's pages at Slack. */
const OWN = {
  copyToken: "Copy the Bot User OAuth Token again, from your app's OAuth & Permissions page.",
  copyRightToken:
    "Copy the Bot User OAuth Token, which begins with xoxb-, from your app's OAuth & Permissions page.",
  install:
    'Install the app again, on its OAuth & Permissions page, and copy the new Bot User OAuth Token.',
  installHere:
    'Install it in the workspace itself, and copy the Bot User OAuth Token of that installation.',
  expired:
    'The token has expired, because token rotation is on. Make the app anew from manifest.yml, where it is off: it cannot be turned off again.',
  grant: 'Update it from manifest.yml and install it again.',
  allowAddress:
    'Start the bot from one of them, or add its address to "Restrict API Token Usage", on the app\'s OAuth & Permissions page.',
};

const AGAIN = 'Install Winnow again.';

const HOSTED: typeof OWN = {
  copyToken: AGAIN,
  copyRightToken: AGAIN,
  install: AGAIN,
  installHere: 'Install it in the workspace itself.',
  expired: 'The token has expired.',
  grant: AGAIN,
  allowAddress: 'Tell the operator of Winnow.',
};

const ASK_ADMIN = 'Ask an admin of the workspace to approve the app.';
const ASK_OWNER = 'Ask an owner of the organization to let the app in.';

function listAdvice(steps: typeof OWN): Record<string, string> {
  const installHere = `The app is installed on the whole organization, where Slack does not allow this. ${steps.installHere}`;
  return {
    not_authed: steps.copyToken,
    invalid_auth: steps.copyToken,
    not_allowed_token_type: `This is a token of another kind. ${steps.copyRightToken}`,
    account_inactive: `The app was uninstalled, or the workspace is gone. ${steps.install}`,
    token_revoked: `The token was revoked. ${steps.install}`,
    token_expired: `${steps.expired} ${steps.install}`,
    user_removed_from_team: `The app's bot was removed from the workspace. ${steps.install}`,
    missing_scope: `The app lacks a permission. ${steps.grant}`,
    org_login_required:
      'The workspace is being moved into an organization. Slack lets the app in again when that is done; nothing has to be changed.',
    team_added_to_org:
      'The workspace is being added to an organization. Slack lets the app in again when that is done; nothing has to be changed.',
    ekm_access_denied:
      'An admin of the organization has suspended access with its own encryption keys (EKM). Ask them to allow it again; the token is not at fault.',
    enterprise_is_restricted: installHere,
    missing_argument: installHere,
    team_access_not_granted: `The organization has not given the app access to this workspace. ${ASK_OWNER}`,
    access_denied: `The workspace does not give the app access. ${ASK_ADMIN}`,
    no_permission: `The workspace does not give the app access. ${ASK_ADMIN}`,
    accesslimited: `Slack allows the app only from certain addresses of the network. ${steps.allowAddress}`,
    two_factor_setup_required:
      'The workspace requires two-factor authentication. Whoever installed the app has to set it up, then install the app again.',
  };
}

const ADVICE = { own: listAdvice(OWN), hosted: listAdvice(HOSTED) };

/** @param code Slack's error code */
export function adviseOnRefusal(code: string, bot: keyof typeof ADVICE = 'own'): string {
  const advice = ADVICE[bot];
  if (Object.hasOwn(advice, code)) return advice[code] ?? '';
  return 'See what it means at https://docs.slack.dev/reference/methods/auth.test.';
}

/** Whether Slack lets the app in again by itself: a start waits instead of giving up. */
export const isRefusedForNow = (code: string): boolean =>
  isSlackError(code, 'retry') || isSlackError(code, 'unclear');
