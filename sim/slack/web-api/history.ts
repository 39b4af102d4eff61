// conversations.history and conversations.replies: pages, bounds, and what each leaves out.
import type { HistoryRules } from '../history-rules.ts';
import { isReply } from '../message-store.ts';
import { renderPlaced } from '../messages.ts';
import { isCanonicalTs, lowerBound, toSortKey } from '../timestamps.ts';
import { ApiError, type JsonObject } from '../types.ts';
import { findChannel, requireKindScope, requireMember } from './access.ts';
import {
  readCursor,
  readFlag,
  readLimit,
  readText,
  requireText,
  writeCursor,
} from './arguments.ts';
import type { MethodContext } from './context.ts';

const MAX_LIMIT = 999;
const DEFAULT_LIMIT = 100;

/** The range [from, to) of a sorted list that `oldest`, `latest` and `inclusive` select. */
function findBounds(sorted: readonly string[], args: JsonObject): { from: number; to: number } {
  const inclusive = readFlag(args, 'inclusive');
  const position = (name: 'oldest' | 'latest'): { at: number; exact: boolean } | undefined => {
    const given = readText(args, name);
    if (given === undefined || (name === 'latest' && given === 'now')) return undefined;
    const key = toSortKey(given);
    if (key === undefined) throw new ApiError(`invalid_ts_${name}`);
    // A sort key has 16 digits before the point; a stored ts has ten, and six decimals.
    const [seconds = '', fraction = ''] = key.split('.');
    const beyond = Number(seconds) > 9_999_999_999;
    const text = beyond ? '~' : `${seconds.slice(-10)}.${fraction.padEnd(6, '0')}`;
    const at = lowerBound(sorted, text);
    return { at, exact: sorted[at] === text };
  };
  const oldest = position('oldest');
  const latest = position('latest');
  return {
    from: oldest ? oldest.at + (oldest.exact && !inclusive ? 1 : 0) : 0,
    to: latest ? latest.at + (latest.exact && inclusive ? 1 : 0) : sorted.length,
  };
}

export function history(context: MethodContext): JsonObject {
  const { args } = context;
  const channel = findChannel(context, args);
  requireKindScope(context, channel, 'history');
  requireMember(context, channel);
  const sorted = channel.store.timeline;
  const { from, to } = findBounds(sorted, args);
  const { start, end, next } = cutPage(sorted, { from, to }, context);
  const withMetadata = readFlag(args, 'include_all_metadata');
  return {
    messages: sorted
      .slice(start, end)
      .reverse()
      .flatMap((ts) => {
        const message = channel.store.get(ts);
        return message ? renderPlaced(channel, message, { withMetadata }) : [];
      }),
    pin_count: 0,
    channel_actions_ts: null,
    channel_actions_count: 0,
    ...describeRest(next, context.history),
  };
}

/** The next page of a range: its place in the sorted list, and where the page after it begins. */
function cutPage(
  sorted: readonly string[],
  { from, to }: { from: number; to: number },
  { args, history: rules }: MethodContext,
): { start: number; end: number; next: string | undefined } {
  const limit = Math.min(rules.pageCap, readLimit(args, MAX_LIMIT, DEFAULT_LIMIT));
  const cursor = readCursor(args);
  const at = cursor === undefined ? undefined : lowerBound(sorted, cursor);
  const onlyOldest =
    readText(args, 'oldest') !== undefined && readText(args, 'latest') === undefined;
  if (rules.begins === 'oldest' || (rules.begins === 'oldest without latest' && onlyOldest)) {
    const start = Math.max(from, at ?? from);
    const end = Math.max(start, Math.min(to, start + limit));
    return { start, end, next: end < to ? sorted[end] : undefined };
  }
  const end = Math.min(to, at ?? to);
  const start = Math.min(end, Math.max(from, end - limit));
  return { start, end, next: start > from ? sorted[start] : undefined };
}

const describeRest = (next: string | undefined, { cursors }: HistoryRules): JsonObject => ({
  has_more: next !== undefined,
  ...(next === undefined || !cursors
    ? {}
    : { response_metadata: { next_cursor: writeCursor(next) } }),
});

export function replies(context: MethodContext): JsonObject {
  const { args } = context;
  const channel = findChannel(context, args);
  requireKindScope(context, channel, 'history');
  requireMember(context, channel);
  const ts = requireText(args, 'ts', 'thread_not_found');
  if (!isCanonicalTs(ts)) throw new ApiError('thread_not_found');
  const parent = channel.store.get(ts);
  if (!parent) throw new ApiError('thread_not_found');
  const limit = Math.min(context.history.pageCap, readLimit(args, MAX_LIMIT, DEFAULT_LIMIT));
  const withMetadata = readFlag(args, 'include_all_metadata');
  // The ts of a reply returns only that reply, like a message without a thread.
  const sorted = isReply(parent) ? [] : channel.store.replies(ts);
  const { from, to } = findBounds(sorted, args);
  const cursor = readCursor(args);
  const start = cursor === undefined ? from : Math.max(from, lowerBound(sorted, cursor));
  // The parent comes first on every page, regardless of the bounds, and counts towards the limit.
  const end = Math.min(to, start + Math.max(1, limit - 1));
  const next = end < to ? sorted[end] : undefined;
  const page = [ts, ...sorted.slice(start, Math.max(start, end))];
  return {
    messages: page.flatMap((each) => {
      const message = channel.store.get(each);
      return message ? renderPlaced(channel, message, { withMetadata }) : [];
    }),
    ...describeRest(next, context.history),
  };
}
