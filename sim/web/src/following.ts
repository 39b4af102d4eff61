// The scroll position of a message list, and loading older messages by scrolling.
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { LiveEphemeral, LiveMessage } from '../../slack/live-protocol.ts';

/** How close to the end counts as reading the newest messages. */
const NEAR_END_PX = 80;

/** The events of a person who scrolls. */
const BY_HAND = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;

/**
 * Follows the newest message while it is in view, and jumps to what the person posts and to answers for
 * them. Scrolls to a marked message. Otherwise stays in place.
 */
export function useFollowing(
  scroller: RefObject<HTMLDivElement | null>,
  messages: readonly LiveMessage[],
  ephemerals: readonly LiveEphemeral[],
  marked: string | undefined,
  me: string | undefined,
) {
  const [isAtEnd, setAtEnd] = useState(true);
  const follows = useRef(true);
  const shown = useRef<string>(undefined);
  const before = useRef({ height: 0, first: '' });
  const lastOwn = useRef<string>(undefined);
  /** The marked row, until the person scrolls. */
  const pinned = useRef<HTMLElement>(undefined);

  const jumpToEnd = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    pinned.current = undefined;
    follows.current = true;
    setAtEnd(true);
    element.scrollTop = element.scrollHeight;
  }, [scroller]);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const read = () => {
      const left = element.scrollHeight - element.scrollTop - element.clientHeight;
      follows.current = left < NEAR_END_PX;
      setAtEnd(follows.current);
    };
    // Rows get their real height only near the viewport, and blocks grow: stays where it is.
    const grown = new ResizeObserver(() => {
      if (follows.current) element.scrollTop = element.scrollHeight;
      else if (pinned.current?.isConnected) showRow(element, pinned.current);
    });
    const unpin = () => {
      pinned.current = undefined;
    };
    const list = element.querySelector('.messages');
    if (list) grown.observe(list);
    grown.observe(element);
    element.addEventListener('scroll', read, { passive: true });
    for (const kind of BY_HAND) element.addEventListener(kind, unpin, { passive: true });
    return () => {
      grown.disconnect();
      element.removeEventListener('scroll', read);
      for (const kind of BY_HAND) element.removeEventListener(kind, unpin);
    };
  }, [scroller]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: runs after every change of the rows
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const first = messages[0]?.ts ?? '';
    const isPrepended = before.current.first !== '' && first < before.current.first;
    const own = findLastOwn(messages, ephemerals, me);
    if (lastOwn.current !== undefined && own > lastOwn.current) follows.current = true;
    lastOwn.current = own;
    const row =
      marked === undefined || shown.current === marked
        ? null
        : element.querySelector<HTMLElement>(`[data-ts="${CSS.escape(marked)}"]`);
    if (row) {
      shown.current = marked;
      follows.current = false;
      pinned.current = row;
      showRow(element, row);
      row.focus({ preventScroll: true });
    } else if (follows.current) {
      element.scrollTop = element.scrollHeight;
    } else if (isPrepended && element.scrollTop < 50) {
      element.scrollTop += element.scrollHeight - before.current.height;
    }
    if (marked === undefined) shown.current = undefined;
    before.current = { height: element.scrollHeight, first };
  }, [messages, ephemerals, marked, me]);

  return { isAtEnd, jumpToEnd };
}

/** Scrolls to the row: to its beginning if it is long. */
function showRow(scroller: HTMLElement, row: HTMLElement): void {
  const isLong = row.offsetHeight > scroller.clientHeight;
  row.scrollIntoView({ block: isLong ? 'start' : 'center' });
}

/** @returns the timestamp of the newest message that the person posted or that only they see; '' if none */
function findLastOwn(
  messages: readonly LiveMessage[],
  ephemerals: readonly LiveEphemeral[],
  me: string | undefined,
): string {
  const posted = messages.findLast(({ user }) => user === me)?.ts ?? '';
  const told = ephemerals.at(-1)?.ts ?? '';
  return posted > told ? posted : told;
}

/** Asks for older messages when the person scrolls up to the first one, once per first message. */
export function useOlderPages(
  scroller: RefObject<HTMLDivElement | null>,
  hasOlder: boolean,
  onOlder: () => void,
  first: string | undefined,
): void {
  const asked = useRef<string>(undefined);
  useEffect(() => {
    const element = scroller.current;
    if (!element || !hasOlder) return;
    const look = () => {
      if (element.scrollTop > 200 || asked.current === first) return;
      asked.current = first;
      onOlder();
    };
    element.addEventListener('scroll', look, { passive: true });
    return () => element.removeEventListener('scroll', look);
  }, [scroller, hasOlder, onOlder, first]);
}
