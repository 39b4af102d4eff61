// Who may post in a channel: what admins have set there decides it, and how Slack says no.
import { ApiError, type PostingLimit } from '../types.ts';
import type { SimChannel } from '../workspace.ts';

const REFUSALS: Record<PostingLimit, { top: string | undefined; reply: string | undefined }> = {
  preference: { top: 'restricted_action', reply: 'restricted_action' },
  general: {
    top: 'posting_to_general_channel_denied',
    reply: 'posting_to_general_channel_denied',
  },
  read_only: {
    top: 'restricted_action_read_only_channel',
    reply: 'restricted_action_read_only_channel',
  },
  thread_only: { top: 'restricted_action_thread_only_channel', reply: undefined },
  no_threads: { top: undefined, reply: 'restricted_action_non_threadable_channel' },
};

function findRefusal({ posting }: SimChannel, thread: string | undefined): string | undefined {
  return posting && REFUSALS[posting.limit][thread === undefined ? 'top' : 'reply'];
}

/** Throws what chat.postMessage and chat.postEphemeral answer where the app may not post. */
export function requirePosting(channel: SimChannel, thread: string | undefined): void {
  const refusal = findRefusal(channel, thread);
  if (refusal !== undefined) throw new ApiError(refusal);
}

/** Throws the one answer that files.completeUploadExternal has for every limit. */
export function requireSharing(channel: SimChannel, thread: string | undefined): void {
  if (findRefusal(channel, thread) !== undefined) throw new ApiError('posting_to_channel_denied');
}
