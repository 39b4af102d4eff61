import { describe, expect, test } from 'vitest';
import { adviseOnRefusal, isRefusedForNow } from '../../../src/core/delivery/refusal-advice.ts';

/** Each refusal of `auth.test` or `users.conversations` has the advice that mends it. */

describe('what to do about it', () => {
  test.each([
    ['invalid_auth', /Copy the Bot User OAuth Token again/],
    ['not_authed', /Copy the Bot User OAuth Token again/],
    ['not_allowed_token_type', /begins with xoxb-/],
    ['account_inactive', /was uninstalled.*Install the app again/],
    ['token_revoked', /revoked.*Install the app again/],
    ['token_expired', /token rotation/],
    ['user_removed_from_team', /Install the app again/],
    ['missing_scope', /manifest\.yml and install it again/],
    ['org_login_required', /being moved into an organization/],
    ['team_added_to_org', /being added to an organization/],
    ['ekm_access_denied', /encryption keys/],
    ['enterprise_is_restricted', /Install it in the workspace itself/],
    ['missing_argument', /Install it in the workspace itself/],
    ['team_access_not_granted', /owner of the organization/],
    ['access_denied', /admin of the workspace/],
    ['no_permission', /admin of the workspace/],
    ['accesslimited', /Restrict API Token Usage/],
    ['two_factor_setup_required', /two-factor/],
    ['something_new', /docs\.slack\.dev/],
    ['constructor', /docs\.slack\.dev/],
  ])('%s', (code, advice) => {
    expect(adviseOnRefusal(code)).toMatch(advice);
  });

  test.each([
    'org_login_required',
    'ekm_access_denied',
    'enterprise_is_restricted',
    'accesslimited',
  ])('%s is not the fault of the token', (code) =>
    expect(adviseOnRefusal(code)).not.toMatch(/Copy the Bot User OAuth Token again/),
  );
});

test.each([
  ['org_login_required', true],
  ['team_added_to_org', true],
  ['rate_limited', true],
  ['internal_error', true],
  ['invalid_auth', false],
  ['ekm_access_denied', false],
  ['enterprise_is_restricted', false],
  ['something_new', false],
])('%s passes by itself: %s', (code, passes) => {
  expect(isRefusedForNow(code)).toBe(passes);
});
