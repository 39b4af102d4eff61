// The part of a channel or thread that a page shows, and what has changed in it since the last patch.
// Messages are never changed in place, so a different object means a different state.
import type { LiveMessage, WindowPatch } from './live-protocol.ts';
import { lowerBound } from './timestamps.ts';
import type { SimMessage } from './types.ts';
import type { SimChannel } from './workspace.ts';

/** How many messages are sent at first; older ones on request. */
const PAGE = 200;

export interface LiveWindow {
  readonly channel: SimChannel;
  /** Adds one page of older messages. */
  grow(): void;
  /** Undefined when nothing has changed. */
  takePatch(): WindowPatch | undefined;
}

/** @param upTo shows everything from this message on, without a limit */
export function createLiveWindow(
  channel: SimChannel,
  { thread, upTo }: { thread?: string | undefined; upTo?: string | undefined } = {},
): LiveWindow {
  const list = () =>
    thread === undefined ? channel.store.timeline : channel.store.replies(thread);
  const pageBefore = (from: number) => list()[Math.max(0, from - PAGE)];
  const sent = new Map<string, SimMessage>();
  // A short list is shown from its start, even when older messages are added later.
  const startOf = (from: number) => (from <= PAGE ? '' : (pageBefore(from) ?? ''));
  let start = startOf(list().length);
  if (upTo !== undefined && upTo < start) start = startOf(lowerBound(list(), upTo) + 1);
  let isFirst = true;

  return {
    channel,
    grow() {
      start = startOf(lowerBound(list(), start));
    },
    takePatch() {
      const all = list();
      const from = lowerBound(all, start);
      const shown = [...(thread === undefined ? [] : [thread]), ...all.slice(from)];
      const upserts: LiveMessage[] = [];
      for (const ts of shown) {
        const message = channel.store.get(ts);
        if (!message || sent.get(ts) === message) continue;
        sent.set(ts, message);
        upserts.push(toLive(message));
      }
      const removed: string[] = [];
      const present = sent.size === shown.length ? undefined : new Set(shown);
      for (const ts of present ? [...sent.keys()] : []) {
        if (present?.has(ts) && channel.store.get(ts)) continue;
        sent.delete(ts);
        removed.push(ts);
      }
      if (!isFirst && upserts.length === 0 && removed.length === 0) return undefined;
      const patch: WindowPatch = {
        channel: channel.id,
        ...(thread === undefined ? {} : { thread }),
        ...(isFirst ? { reset: true } : {}),
        upserts,
        removed,
        hasOlder: from > 0,
      };
      isFirst = false;
      return patch;
    },
  };
}

function toLive(message: SimMessage): LiveMessage {
  const { metadata: _metadata, parse: _parse, link_names: _names, blocks, ...shown } = message;
  return blocks && !isTyped(message) ? { ...shown, blocks } : shown;
}

/** Whether the blocks are only the rich text of what a person typed: the page draws the text. */
function isTyped({ text, blocks = [], bot_id: bot }: SimMessage): boolean {
  const [block, ...more] = blocks;
  return bot === undefined && text !== '' && more.length === 0 && block?.type === 'rich_text';
}
