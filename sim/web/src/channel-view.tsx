import { useCallback, useEffect } from 'react';
import type { LiveChannel } from '../../slack/live-protocol.ts';
import { Announcer } from './announcer.tsx';
import { Composer } from './composer.tsx';
import { useEphemerals } from './ephemerals.ts';
import { useConnection, useLive, useMe } from './live-context.ts';
import { MessageList } from './message-list.tsx';

/** A channel's messages and its composer. */
export function ChannelView({
  channel,
  marked,
}: {
  channel: LiveChannel;
  marked: string | undefined;
}) {
  const connection = useConnection();
  const me = useMe();
  const loaded = useLive((state) => state.channel);
  const { shown, dismiss } = useEphemerals(channel.id);
  const id = channel.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another person starts over in the channel
  useEffect(() => {
    void connection.watchChannel(id, marked);
  }, [connection, id, marked, me?.id]);
  const loadOlder = useCallback(
    () => void connection.do({ kind: 'older', of: 'channel' }),
    [connection],
  );
  const isHere = loaded?.channel === id;
  const bot = useLive((state) => state.hello)?.botUserId;
  const app = useLive((state) => state.people).find((person) => person.id === bot)?.realName;
  const name = channel.kind === 'im' ? (app ?? 'the app') : `#${channel.name}`;
  return (
    <>
      {isHere ? (
        <MessageList
          key={`list-${id}`}
          loaded={loaded}
          ephemerals={shown}
          place="channel"
          marked={marked}
          onOlder={loadOlder}
          onDismiss={dismiss}
          start={<ChannelStart name={name} />}
        />
      ) : (
        <p className="loading quiet">Loading…</p>
      )}
      {isHere ? <Announcer messages={loaded.messages} /> : null}
      {channel.isArchived ? (
        <p className="composer-note quiet">This channel is archived.</p>
      ) : channel.isMember ? (
        <Composer key={`composer-${id}`} channel={id} placeholder={`Message ${name}`} />
      ) : (
        <p className="composer-note quiet">
          {me?.realName} is not in {name} and can only read here.
        </p>
      )}
    </>
  );
}

function ChannelStart({ name }: { name: string }) {
  return (
    <div className="channel-start">
      <h2>{name}</h2>
      <p className="quiet">This is the very beginning of {name}.</p>
    </div>
  );
}
