import { escapeMrkdwn, shorten } from '../../core/text.ts';

/** What Slack does not allow, in words: why, and who can change it. */

const ADMIN =
  "An admin of the workspace or a manager of the channel can allow it, in the channel's settings under Posting permissions.";

const REASONS: Record<string, string> = {
  restricted_action: `The workspace restricts who may post here. ${ADMIN}`,
  restricted_action_read_only_channel: `The channel is read-only. ${ADMIN}`,
  restricted_action_thread_only_channel: `Only replies in threads are allowed here. ${ADMIN}`,
  restricted_action_non_threadable_channel: `Replies in threads are not allowed here. ${ADMIN}`,
  posting_to_general_channel_denied:
    'The workspace restricts who may post in this channel. An admin can allow it, in the settings of the workspace.',
  ekm_access_denied:
    'The administrators of the workspace have suspended access to its messages. They can allow it again.',
  no_permission: `My app lacks the permission. Try to remove me and \`/invite\` me again. ${ADMIN}`,
};

const why = (reason: string) =>
  (Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined) ?? ADMIN;

const describeRefusal = (what: string, reason: string) =>
  `Slack does not let me ${what} (${escapeMrkdwn(reason)}). ${why(reason)}`;

/** mrkdwn */
export const describeHeldPosts = (reason: string) => describeRefusal(REFUSED.post, reason);

const REFUSED = {
  post: 'post in this channel',
  reply: 'reply in threads of this channel',
  update: 'change my posts in this channel',
  reaction: 'add reactions in this channel',
};

/** A line for each thing that is held; mrkdwn. */
export function describeHold({
  needs,
  emoji,
  reason,
}: {
  needs: keyof typeof REFUSED | 'emoji';
  emoji: string;
  reason: string;
}): string {
  if (needs === 'emoji') return escapeMrkdwn(describeGoneEmoji([emoji]));
  return describeRefusal(REFUSED[needs], reason);
}

const NAMES_SHOWN = 3;
const NAME_LENGTH = 40;

/** Plain text: names stand in it without colons, which would make them emoji. '' for no names. */
export function describeGoneEmoji(names: string[]): string {
  if (names.length === 0) return '';
  const shown = names.slice(0, NAMES_SHOWN).map((name) => `“${shorten(name, NAME_LENGTH)}”`);
  const more = names.length - shown.length;
  const all = `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `This workspace does not have the emoji ${all}. Messages get the reaction once the emoji is there; or choose another in the settings.`;
}
