import { createContext, use, useCallback, useEffect, useMemo, useState } from 'react';
import { formatRoute, parseRoute, type Route } from './route.ts';

/** The current route, and how to change it. */
export interface Navigation {
  route: Route;
  go(route: Route): void;
}

export const NavigationContext = createContext<Navigation>({
  route: { kind: 'channel' },
  go: () => {},
});

export function useNavigation(): Navigation {
  return use(NavigationContext);
}

export function useRouteOfAddress(): Navigation {
  const [route, setRoute] = useState<Route>(() => parseRoute(new URL(location.href)));
  useEffect(() => {
    const read = () => setRoute(parseRoute(new URL(location.href)));
    window.addEventListener('popstate', read);
    return () => window.removeEventListener('popstate', read);
  }, []);
  const go = useCallback((next: Route) => {
    const address = formatRoute(next);
    if (address !== location.pathname + location.search) history.pushState(null, '', address);
    setRoute(next);
  }, []);
  return useMemo(() => ({ route, go }), [route, go]);
}
