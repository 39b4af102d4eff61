// The loaded messages, oldest first, followed at the end unless the person reads further up. Rows far
// from what is seen are not laid out (content-visibility), so thousands of them stay light.
import {
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { LiveEphemeral, LiveMessage } from '../../slack/live-protocol.ts';
import type { LoadedMessages } from './connection.ts';
import { useLive, useMe } from './live-context.ts';
import { EphemeralMessage, isSystem, Message } from './message.tsx';
import { dateOfTs, dayOf, nameDay } from './time.ts';

/** Messages of one author within this time stand under one head. */
const TOGETHER_S = 300;
/** How near to the end counts as reading the newest. */
const NEAR_END_PX = 80;

export function MessageList({
  loaded,
  ephemerals,
  place,
  marked,
  onOlder,
  onDismiss,
  start,
}: {
  loaded: LoadedMessages;
  ephemerals: readonly LiveEphemeral[];
  place: 'channel' | 'thread';
  /** The message that the address names: brought into view and marked. */
  marked: string | undefined;
  onOlder: () => void;
  onDismiss: (id: string) => void;
  /** Stands above the very first message. */
  start: ReactNode;
}) {
  const { messages, hasOlder } = loaded;
  const zone = useMe()?.tz ?? 'UTC';
  const people = useLive((state) => state.people);
  const byId = useMemo(() => new Map(people.map((person) => [person.id, person])), [people]);
  const botUserId = useLive((state) => state.hello)?.botUserId ?? '';
  const [active, setActive] = useState<string>();
  const scroller = useRef<HTMLDivElement>(null);
  const { isAtEnd, jumpToEnd } = useFollowing(scroller, messages, ephemerals, marked);
  useOlderPages(scroller, hasOlder, onOlder, messages[0]?.ts);

  const rows = useMemo(() => mergeByTs(messages, ephemerals), [messages, ephemerals]);
  const lastTs = messages.at(-1)?.ts;
  const tabStop = active ?? marked ?? lastTs;

  const move = useCallback((event: KeyboardEvent<HTMLElement>) => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('.message');
    if (row !== event.target || !row) return;
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>('.message')];
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (step === 0) return;
    event.preventDefault();
    all[all.indexOf(row) + step]?.focus();
  }, []);
  const activate = (target: EventTarget) => {
    const ts = (target as HTMLElement).closest<HTMLElement>('.message')?.dataset.ts;
    if (ts !== undefined) setActive(ts);
  };

  const items: ReactNode[] = [];
  let before: LiveMessage | undefined;
  let day = '';
  for (const row of rows) {
    const at = dateOfTs(row.message.ts);
    const itsDay = dayOf(at, zone);
    if (itsDay !== day) {
      day = itsDay;
      before = undefined;
      items.push(
        <li key={`day-${itsDay}`} className="day">
          <span>{nameDay(at, zone, new Date())}</span>
        </li>,
      );
    }
    if (row.kind === 'ephemeral') {
      before = undefined;
      items.push(
        <EphemeralMessage
          key={row.message.id}
          message={row.message}
          author={byId.get(botUserId)}
          zone={zone}
          onDismiss={() => onDismiss(row.message.id)}
        />,
      );
      continue;
    }
    const { message } = row;
    const isParent = place === 'thread' && message.ts === loaded.thread;
    items.push(
      <Message
        key={message.ts}
        message={message}
        author={byId.get(message.user ?? '')}
        zone={zone}
        isFollowUp={before !== undefined && isTogether(before, message)}
        isActive={active === message.ts}
        isMarked={marked === message.ts}
        isTabStop={tabStop === message.ts}
        place={place}
      />,
    );
    before = isParent ? undefined : message;
    if (isParent) items.push(<ReplyCount key="reply-count" message={message} />);
  }

  return (
    <div className="list-place">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: which message the pointer is on */}
      <div
        ref={scroller}
        className="message-scroller"
        onMouseOver={(event) => activate(event.target)}
        onFocus={(event) => activate(event.target)}
        onMouseLeave={() => setActive(undefined)}
        onKeyDown={move}
      >
        {hasOlder ? (
          <button type="button" className="button older-button" onClick={onOlder}>
            Load older messages
          </button>
        ) : (
          start
        )}
        <ol className="messages" aria-label={place === 'channel' ? 'Messages' : 'Thread'}>
          {items}
        </ol>
      </div>
      {isAtEnd ? null : (
        <button type="button" className="jump-button" onClick={jumpToEnd}>
          ↓ Newest
        </button>
      )}
    </div>
  );
}

function ReplyCount({ message }: { message: LiveMessage }) {
  const count = message.reply_count ?? 0;
  if (count === 0) return null;
  return (
    <li className="reply-count">
      <span>
        {count} {count === 1 ? 'reply' : 'replies'}
      </span>
    </li>
  );
}

type Row =
  | { kind: 'message'; message: LiveMessage }
  | { kind: 'ephemeral'; message: LiveEphemeral };

function mergeByTs(messages: readonly LiveMessage[], ephemerals: readonly LiveEphemeral[]): Row[] {
  const rows: Row[] = [];
  const waiting = [...ephemerals].sort((a, b) => (a.ts < b.ts ? -1 : 1));
  for (const message of messages) {
    while (waiting[0] && waiting[0].ts < message.ts && rows.length > 0)
      rows.push({ kind: 'ephemeral', message: waiting.shift() as LiveEphemeral });
    rows.push({ kind: 'message', message });
  }
  return [...rows, ...waiting.map((message) => ({ kind: 'ephemeral' as const, message }))];
}

function isTogether(before: LiveMessage, message: LiveMessage): boolean {
  return (
    before.user === message.user &&
    before.bot_id === message.bot_id &&
    Number(message.ts) - Number(before.ts) < TOGETHER_S &&
    message.subtype !== 'thread_broadcast' &&
    message.subtype !== 'tombstone' &&
    before.subtype !== 'tombstone' &&
    !isSystem(message) &&
    !isSystem(before)
  );
}

/** Keeps the newest in view while it is, brings a marked message into view, and holds the place else. */
function useFollowing(
  scroller: React.RefObject<HTMLDivElement | null>,
  messages: readonly LiveMessage[],
  ephemerals: readonly LiveEphemeral[],
  marked: string | undefined,
) {
  const [isAtEnd, setAtEnd] = useState(true);
  const follows = useRef(true);
  const shown = useRef<string>(undefined);
  const before = useRef({ height: 0, first: '' });

  const jumpToEnd = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
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
    // Rows get their true height only when they come near, and blocks grow: the end stays the end.
    const grown = new ResizeObserver(() => {
      if (follows.current) element.scrollTop = element.scrollHeight;
    });
    const list = element.querySelector('.messages');
    if (list) grown.observe(list);
    grown.observe(element);
    element.addEventListener('scroll', read, { passive: true });
    return () => {
      grown.disconnect();
      element.removeEventListener('scroll', read);
    };
  }, [scroller]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at after every change of the rows
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const first = messages[0]?.ts ?? '';
    const isPrepended = before.current.first !== '' && first < before.current.first;
    const row =
      marked === undefined || shown.current === marked
        ? null
        : element.querySelector<HTMLElement>(`[data-ts="${CSS.escape(marked)}"]`);
    if (row) {
      shown.current = marked;
      follows.current = false;
      row.scrollIntoView({ block: 'center' });
      row.focus({ preventScroll: true });
    } else if (follows.current) {
      element.scrollTop = element.scrollHeight;
    } else if (isPrepended && element.scrollTop < 50) {
      element.scrollTop += element.scrollHeight - before.current.height;
    }
    if (marked === undefined) shown.current = undefined;
    before.current = { height: element.scrollHeight, first };
  }, [messages, ephemerals, marked]);

  return { isAtEnd, jumpToEnd };
}

/** Asks for older messages when the person scrolls up to the first one; once for each first one. */
function useOlderPages(
  scroller: React.RefObject<HTMLDivElement | null>,
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
