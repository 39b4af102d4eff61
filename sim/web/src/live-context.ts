import { createContext, use, useSyncExternalStore } from 'react';
import type { LivePerson } from '../../slack/live-protocol.ts';
import type { Connection, LiveState } from './connection.ts';

/** Gives components the page's connection and its state. */
export const ConnectionContext = createContext<Connection | undefined>(undefined);

export function useConnection(): Connection {
  const connection = use(ConnectionContext);
  if (!connection) throw new Error('There is no connection around this component.');
  return connection;
}

/** Renders again only when `select` returns a different object. */
export function useLive<T>(select: (state: LiveState) => T): T {
  const connection = useConnection();
  return useSyncExternalStore(connection.subscribe, () => select(connection.get()));
}

/** The person at the page. */
export function useMe(): LivePerson | undefined {
  const me = useLive((state) => state.me);
  return useLive((state) => state.people).find((person) => person.id === me);
}
