// The loaded messages, oldest first. The list follows its end unless the person reads further up. Rows
// far from the viewport are not laid out (content-visibility), so thousands of them are cheap.
import { type KeyboardEvent, type ReactNode, useCallback, useMemo, useRef, useState } from 'react';
import type { LiveEphemeral } from '../../slack/live-protocol.ts';
import type { LoadedMessages } from './connection.ts';
import { useFollowing, useOlderPages } from './following.ts';
import { useKeptFocus } from './kept-focus.ts';
import { useLive, useMe } from './live-context.ts';
import { MessageRows } from './message-rows.tsx';
import { mergeByTs, type Row, useChunks } from './rows.ts';

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
  /** The message in the address: scrolled into view and highlighted. */
  marked: string | undefined;
  onOlder: () => void;
  onDismiss: (id: string) => void;
  /** Shown above the first message. */
  start: ReactNode;
}) {
  const { messages, hasOlder } = loaded;
  const me = useMe();
  const zone = me?.tz ?? 'UTC';
  const people = useLive((state) => state.people);
  const byId = useMemo(() => new Map(people.map((person) => [person.id, person])), [people]);
  const botUserId = useLive((state) => state.hello)?.botUserId ?? '';
  const [active, setActive] = useState<string>();
  const scroller = useRef<HTMLDivElement>(null);
  const { isAtEnd, jumpToEnd } = useFollowing(scroller, messages, ephemerals, marked, me?.id);
  useOlderPages(scroller, hasOlder, onOlder, messages[0]?.ts);
  const keepFocus = useKeptFocus(scroller);

  const chunks = useChunks(useMemo(() => mergeByTs(messages, ephemerals), [messages, ephemerals]));
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

  return (
    <div className="list-place">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: which message the pointer is on */}
      <div
        ref={scroller}
        className="message-scroller"
        onMouseOver={(event) => activate(event.target)}
        onFocus={(event) => {
          // When the focus is only restored, the pointer may be on another message.
          if (keepFocus(event.target)) activate(event.target);
        }}
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
          {chunks.map((chunk, index) => (
            <MessageRows
              key={chunk[0]?.message.ts}
              rows={chunk}
              before={chunks[index - 1]?.at(-1)}
              people={byId}
              botUserId={botUserId}
              zone={zone}
              place={place}
              thread={loaded.thread}
              active={isWithin(chunk, active) ? active : undefined}
              marked={isWithin(chunk, marked) ? marked : undefined}
              tabStop={isWithin(chunk, tabStop) ? tabStop : undefined}
              onDismiss={onDismiss}
            />
          ))}
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

function isWithin(chunk: readonly Row[], ts: string | undefined): boolean {
  const first = chunk[0]?.message.ts ?? '';
  const last = chunk.at(-1)?.message.ts ?? '';
  return ts !== undefined && first <= ts && ts <= last;
}
