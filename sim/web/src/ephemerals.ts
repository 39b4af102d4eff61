import { useCallback, useMemo, useState } from 'react';
import type { LiveEphemeral } from '../../slack/live-protocol.ts';
import { useLive } from './live-context.ts';

const KEY = 'dismissed';

function readDismissed(): string[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.map(String) : [];
  } catch {
    return [];
  }
}

/** The person's ephemeral messages, without those dismissed in this tab. */
export function useEphemerals(
  channel: string | undefined,
  thread?: string,
): { shown: readonly LiveEphemeral[]; dismiss: (id: string) => void } {
  const all = useLive((state) => state.ephemerals);
  const [dismissed, setDismissed] = useState(readDismissed);
  const shown = useMemo(
    () =>
      all.filter(
        (e) => e.channel === channel && e.thread_ts === thread && !dismissed.includes(e.id),
      ),
    [all, channel, thread, dismissed],
  );
  const dismiss = useCallback((id: string) => {
    const next = [...readDismissed(), id].slice(-200);
    sessionStorage.setItem(KEY, JSON.stringify(next));
    setDismissed(next);
  }, []);
  return { shown, dismiss };
}
