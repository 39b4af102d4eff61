import { useCallback, useEffect, useRef } from 'react';
import type { LiveChannel } from '../../slack/live-protocol.ts';
import { Composer } from './composer.tsx';
import { useEphemerals } from './ephemerals.ts';
import { useConnection, useLive } from './live-context.ts';
import { MessageList } from './message-list.tsx';
import { useNavigation } from './navigation.ts';

/** A message and its replies, beside the channel. */
export function ThreadPane({
  channel,
  thread,
  marked,
}: {
  channel: LiveChannel;
  thread: string;
  marked: string | undefined;
}) {
  const connection = useConnection();
  const me = useLive((state) => state.me);
  const loaded = useLive((state) => state.thread);
  const { go } = useNavigation();
  const { shown, dismiss } = useEphemerals(channel.id, thread);
  const pane = useRef<HTMLElement>(null);
  const id = channel.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another person starts over in the thread
  useEffect(() => {
    connection.watchThread({
      channel: id,
      ts: thread,
      ...(marked === undefined ? {} : { upTo: marked }),
    });
    pane.current?.focus();
    return () => connection.watchThread(undefined);
  }, [connection, id, thread, marked, me]);
  const loadOlder = useCallback(
    () => void connection.do({ kind: 'older', of: 'thread' }),
    [connection],
  );
  const close = () => go({ kind: 'channel', channel: id });
  return (
    <section
      ref={pane}
      className="pane thread-pane"
      aria-label="Thread"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) close();
      }}
    >
      <header className="pane-head">
        <h2>
          Thread <span className="quiet">#{channel.name}</span>
        </h2>
        <button type="button" className="icon-button" aria-label="Close the thread" onClick={close}>
          ✕
        </button>
      </header>
      {loaded?.thread === thread ? (
        <MessageList
          key={`list-${thread}`}
          loaded={loaded}
          ephemerals={shown}
          place="thread"
          marked={marked}
          onOlder={loadOlder}
          onDismiss={dismiss}
          start={null}
        />
      ) : (
        <p className="loading quiet">Loading…</p>
      )}
      {channel.isMember && !channel.isArchived ? (
        <Composer key={`composer-${thread}`} channel={id} thread={thread} placeholder="Reply…" />
      ) : null}
    </section>
  );
}
