import { useRef, useState } from 'react';
import type { LiveChannel } from '../../slack/live-protocol.ts';
import { Avatar } from './avatar.tsx';
import { useConnection, useLive, useMe } from './live-context.ts';
import { useNavigation } from './navigation.ts';
import { Menu } from './popover.tsx';
import type { Route } from './route.ts';

/** Channels, the app, and the current person. */
export function Sidebar({
  current,
  onGone,
}: {
  current: string | undefined;
  /** Called after a choice: on a narrow screen the sidebar closes. */
  onGone: () => void;
}) {
  const channels = useLive((state) => state.channels) ?? [];
  const { route, go } = useNavigation();
  const hello = useLive((state) => state.hello);
  const bot = useLive((state) => state.people).find((p) => p.id === hello?.botUserId);
  const read = useReadMarks(current);
  const open = (next: Route) => {
    go(next);
    onGone();
  };
  return (
    <nav className="sidebar" aria-label="Workspace">
      <div className="workspace-name">
        <strong>{hello?.teamDomain ?? 'Workspace'}</strong>
      </div>
      <h2 className="sidebar-title" id="channels-title">
        Channels
      </h2>
      <ul aria-labelledby="channels-title">
        {channels
          .filter((channel) => channel.kind !== 'im')
          .map((channel) => {
            const isCurrent = route.kind === 'channel' && channel.id === current;
            const isUnread = !isCurrent && (channel.latest ?? '') > (read.get(channel.id) ?? '');
            return (
              <li key={channel.id}>
                <button
                  type="button"
                  className={isUnread ? 'sidebar-item unread' : 'sidebar-item'}
                  aria-current={isCurrent ? 'page' : undefined}
                  onClick={() => open({ kind: 'channel', channel: channel.id })}
                >
                  <span aria-hidden="true">{channel.kind === 'group' ? '🔒' : '#'}</span>
                  {channel.name}
                  {isUnread ? <span className="visually-hidden"> (unread)</span> : null}
                </button>
              </li>
            );
          })}
      </ul>
      <h2 className="sidebar-title" id="apps-title">
        Apps
      </h2>
      <ul aria-labelledby="apps-title">
        <li>
          <button
            type="button"
            className="sidebar-item"
            aria-current={route.kind === 'app' ? 'page' : undefined}
            onClick={() => open({ kind: 'app', tab: 'home' })}
          >
            <Avatar id={bot?.id ?? 'app'} name={bot?.realName ?? 'App'} size={20} />
            {bot?.realName ?? 'App'}
          </button>
        </li>
      </ul>
      <PeopleSwitcher />
    </nav>
  );
}

/** The last read ts of each channel; messages from before the page was opened count as read. */
function useReadMarks(current: string | undefined): ReadonlyMap<string, string> {
  const channels = useLive((state) => state.channels);
  const readUpTo = useRef(new Map<string, string>());
  for (const { id, latest = '' } of (channels ?? []) as LiveChannel[])
    if (id === current || !readUpTo.current.has(id)) readUpTo.current.set(id, latest);
  return readUpTo.current;
}

function PeopleSwitcher() {
  const connection = useConnection();
  const me = useMe();
  const hello = useLive((state) => state.hello);
  const people = useLive((state) => state.people).filter(
    (p) => !p.isBot && p.id !== hello?.botUserId,
  );
  const [isOpen, setOpen] = useState(false);
  const anchor = useRef<HTMLButtonElement>(null);
  if (!me) return null;
  return (
    <div className="switcher">
      <button
        ref={anchor}
        type="button"
        className="switcher-button"
        aria-haspopup="menu"
        onClick={() => setOpen(true)}
      >
        <Avatar id={me.id} name={me.realName} size={28} />
        <span className="switcher-name">
          <span className="switcher-label">You are</span> {me.realName}
        </span>
        <span aria-hidden="true">▴</span>
      </button>
      {isOpen ? (
        <Menu
          anchor={anchor}
          onClose={() => setOpen(false)}
          label="Be somebody else"
          items={people.map((person) => ({
            label: person.realName,
            note: person.id === me.id ? 'you' : person.isRestricted ? 'guest' : person.tz,
            run: () => connection.be(person.id),
          }))}
        />
      ) : null}
    </div>
  );
}
