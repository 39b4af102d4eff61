/**
 * Why somebody may not do something. `guest`: a guest. `foreign`: of another organization.
 * `unknown`: Slack does not say who they are. `outside`: not in the channel. `later`: Slack could not
 * be asked in time. `moot`: a bot; nobody waits for an answer. `no_admin`: no admin or owner of the workspace.
 */
export type Denial = 'guest' | 'foreign' | 'unknown' | 'outside' | 'later' | 'moot' | 'no_admin';

/** The words for everything that has none of its own. */
export const DENIALS: Record<Denial, string> = {
  guest:
    'Guests can read the summary, but not act on it. Please ask a member of this workspace to do it.',
  foreign:
    'People of other organizations can read the summary, but not act on it. Please ask a member of this workspace to do it.',
  unknown:
    'Slack does not tell me who you are, so I cannot let you do that. Try again in ten minutes, or ask a member of this workspace to do it.',
  outside: 'Only people who are in the channel can do that. Join it, then do it again.',
  later:
    'Slack cannot tell me right now who you are. Nothing was done: please try again in a minute.',
  moot: 'Only people can do that.',
  no_admin:
    'Only admins and owners of this workspace can make me forget something. Please ask one of them.',
};
