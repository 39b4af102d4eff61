import { useEffect, useState } from 'react';
import { AppView } from './app-view.tsx';
import { BackstagePanel } from './backstage-panel.tsx';
import { ChannelView } from './channel-view.tsx';
import { useConnection, useLive } from './live-context.ts';
import { Modals } from './modal.tsx';
import { NavigationContext, useRouteOfAddress } from './navigation.ts';
import { Notices } from './notices.tsx';
import { Sidebar } from './sidebar.tsx';
import { Steps } from './steps.tsx';
import { ThreadPane } from './thread-pane.tsx';

const WHO = 'person';
const BACKSTAGE = 'backstage';

/** From this width on, in px, there is room for what is behind the scenes beside a thread. */
const ROOM = 1500;

/** The whole page: sidebar, current view, thread and backstage. */
export function App() {
  const navigation = useRouteOfAddress();
  const { route } = navigation;
  const hello = useLive((state) => state.hello);
  const status = useLive((state) => state.status);
  const channels = useLive((state) => state.channels);
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [isBackstageOpen, setBackstageOpen] = useState(
    () => (localStorage.getItem(BACKSTAGE) ?? (innerWidth >= ROOM ? 'open' : '')) === 'open',
  );
  useChosenPerson();

  const wanted = route.kind === 'channel' ? route.channel : undefined;
  const home = channels?.find((c) => c.isMember && c.kind !== 'im');
  const channel =
    channels?.find((c) => c.id === wanted) ?? (wanted === undefined ? home : undefined);
  const bot = useLive((state) => state.people).find((p) => p.id === hello?.botUserId);
  const title =
    route.kind === 'app' ? (bot?.realName ?? 'App') : channel ? nameChannel(channel) : 'Workspace';
  useEffect(() => {
    document.title = `${title} · ${hello?.teamDomain ?? 'simulated workspace'}`;
  }, [title, hello]);

  const toggleBackstage = () => {
    localStorage.setItem(BACKSTAGE, isBackstageOpen ? '' : 'open');
    setBackstageOpen(!isBackstageOpen);
  };
  const thread = route.kind === 'channel' ? route.thread : undefined;
  const marked = route.kind === 'channel' ? route.message : undefined;
  return (
    <NavigationContext value={navigation}>
      <Notices>
        <div className={`page${isMenuOpen ? ' menu-open' : ''}`}>
          {hello?.banner === undefined ? null : (
            <div className="banner" role="note">
              <span>{hello.banner}</span>
              {hello.steps ? <Steps steps={hello.steps} channel={channel ?? home} /> : null}
            </div>
          )}
          {status === 'lost' ? (
            <div className="banner banner-lost" role="status">
              The stand-in does not answer. Trying again…
            </div>
          ) : null}
          <div className="columns">
            <Sidebar current={channel?.id} onGone={() => setMenuOpen(false)} />
            <button
              type="button"
              className="sidebar-shade"
              aria-label="Close the menu"
              onClick={() => setMenuOpen(false)}
            />
            <main className="pane main-pane" aria-label={title}>
              <header className="pane-head">
                <button
                  type="button"
                  className="icon-button menu-button"
                  aria-label="Channels and people"
                  aria-expanded={isMenuOpen}
                  onClick={() => setMenuOpen(!isMenuOpen)}
                >
                  ☰
                </button>
                <h1>{title}</h1>
                {channel && route.kind === 'channel' ? (
                  <span className="quiet members">
                    {channel.members} {channel.members === 1 ? 'member' : 'members'}
                  </span>
                ) : null}
                <button
                  type="button"
                  className="button backstage-button"
                  aria-pressed={isBackstageOpen}
                  onClick={toggleBackstage}
                >
                  Behind the scenes
                </button>
              </header>
              {route.kind === 'app' ? (
                <AppView tab={route.tab} />
              ) : channel ? (
                <ChannelView
                  channel={channel}
                  marked={thread === undefined || thread === marked ? marked : undefined}
                />
              ) : (
                <p className="loading quiet">
                  {channels ? 'This channel does not exist, or you are not in it.' : 'Loading…'}
                </p>
              )}
            </main>
            {channel && thread !== undefined ? (
              <ThreadPane key={thread} channel={channel} thread={thread} marked={marked} />
            ) : null}
            {isBackstageOpen ? <BackstagePanel onClose={toggleBackstage} /> : null}
          </div>
        </div>
        <Modals />
      </Notices>
    </NavigationContext>
  );
}

function nameChannel({ kind, name }: { kind: string; name: string }): string {
  return kind === 'im' ? 'App' : `#${name}`;
}

/** The person last chosen in this tab, else the first one. */
function useChosenPerson(): void {
  const connection = useConnection();
  const me = useLive((state) => state.me);
  const people = useLive((state) => state.people);
  const hello = useLive((state) => state.hello);
  useEffect(() => {
    if (me !== undefined) {
      sessionStorage.setItem(WHO, me);
      return;
    }
    if (!hello) return;
    const humans = people.filter((p) => !p.isBot && p.id !== hello.botUserId);
    const before = sessionStorage.getItem(WHO);
    const chosen = humans.find((p) => p.id === before) ?? humans[0];
    if (chosen) connection.be(chosen.id);
  }, [connection, me, people, hello]);
}
