// The messages of one channel, indexed by ts: the timeline (parents and broadcasts) and each thread.
import { insertSorted, removeSorted } from './timestamps.ts';
import type { SimMessage } from './types.ts';

export interface MessageStore {
  readonly timeline: readonly string[];
  get(ts: string): SimMessage | undefined;
  replies(parentTs: string): readonly string[];
  all(): SimMessage[];
  add(message: SimMessage): void;
  replace(message: SimMessage): void;
  remove(ts: string): void;
}

const NONE: readonly string[] = [];

export function isReply(message: SimMessage): boolean {
  return message.thread_ts !== undefined && message.thread_ts !== message.ts;
}

export function isTombstone(message: SimMessage): boolean {
  return message.subtype === 'tombstone';
}

export function createMessageStore(): MessageStore {
  const byTs = new Map<string, SimMessage>();
  const everything: string[] = [];
  const timeline: string[] = [];
  const threads = new Map<string, string[]>();
  return {
    timeline,
    get: (ts) => byTs.get(ts),
    replies: (parentTs) => threads.get(parentTs) ?? NONE,
    all: () => everything.flatMap((ts) => byTs.get(ts) ?? []),
    add(message) {
      byTs.set(message.ts, message);
      insertSorted(everything, message.ts);
      if (!isReply(message) || message.subtype === 'thread_broadcast') {
        insertSorted(timeline, message.ts);
      }
      if (isReply(message) && message.thread_ts !== undefined) {
        const replies = threads.get(message.thread_ts) ?? [];
        insertSorted(replies, message.ts);
        threads.set(message.thread_ts, replies);
      }
    },
    replace(message) {
      const before = byTs.get(message.ts);
      byTs.set(message.ts, message);
      // A reply that is sent to the channel later.
      if (message.subtype === 'thread_broadcast' && before?.subtype !== 'thread_broadcast') {
        insertSorted(timeline, message.ts);
      }
    },
    remove(ts) {
      const message = byTs.get(ts);
      if (!message) return;
      byTs.delete(ts);
      removeSorted(everything, ts);
      removeSorted(timeline, ts);
      const replies = message.thread_ts === undefined ? undefined : threads.get(message.thread_ts);
      if (replies) removeSorted(replies, ts);
    },
  };
}
