import { createContext, type ReactNode, use, useCallback, useState } from 'react';
import type { LiveAnswer, PageAction } from '../../slack/live-protocol.ts';
import { useConnection } from './live-context.ts';

/** Shows the last error until the person dismisses it or an action succeeds. */
const NoticeContext = createContext<(text: string | undefined) => void>(() => {});

export function Notices({ children }: { children: ReactNode }) {
  const [notice, setNotice] = useState<string>();
  return (
    <NoticeContext value={setNotice}>
      {children}
      <div role="alert" className="notice-place">
        {notice === undefined ? null : (
          <div className="notice">
            <span>{notice}</span>
            <button
              type="button"
              className="icon-button"
              aria-label="Dismiss"
              onClick={() => setNotice(undefined)}
            >
              ✕
            </button>
          </div>
        )}
      </div>
    </NoticeContext>
  );
}

export function useNotice(): (text: string | undefined) => void {
  return use(NoticeContext);
}

/** Performs an action in the workspace and shows its error as a notice. */
export function useAct(): (action: PageAction) => Promise<LiveAnswer> {
  const connection = useConnection();
  const showNotice = use(NoticeContext);
  return useCallback(
    async (action) => {
      const answer = await connection.do(action);
      showNotice(answer.error);
      return answer;
    },
    [connection, showNotice],
  );
}
