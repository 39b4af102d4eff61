import { useEffect, useMemo } from 'react';
import { Blocks } from './blocks/blocks.tsx';
import { HomeHostProvider } from './blocks/host.tsx';
import { listOf } from './blocks/values.ts';
import { ChannelView } from './channel-view.tsx';
import { useConnection, useLive } from './live-context.ts';
import { useNavigation } from './navigation.ts';

/** The app's page: its Home tab and the conversation with it. */
export function AppView({ tab }: { tab: 'home' | 'messages' }) {
  const { go } = useNavigation();
  const connection = useConnection();
  const me = useLive((state) => state.me);
  const conversation = useLive((state) => state.channels)?.find((c) => c.kind === 'im');
  // Opening the tab opens the conversation.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another person has another conversation
  useEffect(() => {
    if (tab === 'messages') void connection.do({ kind: 'open-home', tab });
  }, [connection, tab, me]);
  return (
    <div className="app-view">
      <div className="tabs" role="tablist" aria-label="App">
        {(['home', 'messages'] as const).map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`tab-${each}`}
            aria-selected={tab === each}
            aria-controls="tab-panel"
            onClick={() => go({ kind: 'app', tab: each })}
          >
            {each === 'home' ? 'Home' : 'Messages'}
          </button>
        ))}
      </div>
      <div id="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} className="tab-panel">
        {tab === 'home' ? (
          <Home key={me} />
        ) : conversation ? (
          <ChannelView channel={conversation} marked={undefined} />
        ) : (
          <p className="loading quiet">Loading…</p>
        )}
      </div>
    </div>
  );
}

function Home() {
  const connection = useConnection();
  const home = useLive((state) => state.home);
  useEffect(() => {
    void connection.do({ kind: 'open-home' });
  }, [connection]);
  const blocks = useMemo(() => listOf(home?.view.blocks), [home]);
  if (!home) return <p className="loading quiet">The app has published no Home tab for you yet.</p>;
  return (
    <HomeHostProvider blocks={blocks}>
      <div className="home" tabIndex={0}>
        <div className="blocks">
          <Blocks blocks={blocks} />
        </div>
      </div>
    </HomeHostProvider>
  );
}
