import { isSlackError } from '../../core/delivery/slack-errors.ts';
import type { Host } from '../../core/settings/hosted.ts';
import { escapeMrkdwn } from '../../core/text.ts';
import { adviseOnApp, beginWithOperator } from '../../slack/blocks/operator.ts';

/** What people can do about a refusal of Slack's, by its error code. */

/** Refusals of the app itself. Once the cause is mended, delivery continues on its own. */
const isOfApp = (trouble: string): boolean =>
  isSlackError(trouble, 'token') || isSlackError(trouble, 'workspace');

/** Slack is moving the workspace. */
const MOVING = new Set(['team_added_to_org', 'org_login_required']);

/** @returns undefined when there is nothing to mend */
export function findMend(trouble: string, hosted: Host): string | undefined {
  if (trouble === 'message_limit_exceeded') {
    return 'the workspace has reached its message limit. An admin can raise it.';
  }
  if (!isOfApp(trouble) && !MOVING.has(trouble)) return undefined;
  return `Slack refuses my app (${escapeMrkdwn(trouble)}). ${adviseOnApp(trouble, hosted)}`;
}

const REACTIONS = 'Slack allows no more reactions there. Nothing is lost.';

const STEPS: Record<string, string> = {
  too_many_reactions: REACTIONS,
  too_many_emoji: REACTIONS,
  not_reactable: REACTIONS,
  thread_locked: 'The thread is locked: unlock it.',
  thread_not_found: 'The summary has been deleted. `search` finds its messages.',
};

export function adviseOn(trouble: string | null, hosted: Host): string {
  const known = trouble !== null && Object.hasOwn(STEPS, trouble) ? STEPS[trouble] : undefined;
  return known ?? `${beginWithOperator(hosted)} finds more in the log.`;
}
