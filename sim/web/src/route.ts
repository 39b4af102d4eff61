// Addresses of the page. A message's address is Slack's own permalink, on the stand-in's host.
export type Route =
  | {
      kind: 'channel';
      /** Undefined means the person's first channel. */
      channel?: string;
      thread?: string;
      /** The message to show and highlight, in the thread if one is open. */
      message?: string;
    }
  | { kind: 'app'; tab: 'home' | 'messages' };

export function parseRoute(url: URL): Route {
  if (url.pathname === '/app')
    return { kind: 'app', tab: url.searchParams.get('tab') === 'messages' ? 'messages' : 'home' };
  const [, channel, digits] = /^\/archives\/(\w+)(?:\/p(\d{16}))?$/.exec(url.pathname) ?? [];
  if (channel === undefined) return { kind: 'channel' };
  const thread = url.searchParams.get('thread_ts');
  return {
    kind: 'channel',
    channel,
    ...(thread === null ? {} : { thread }),
    ...(digits === undefined ? {} : { message: `${digits.slice(0, 10)}.${digits.slice(10)}` }),
  };
}

export function formatRoute(route: Route): string {
  switch (route.kind) {
    case 'app':
      return route.tab === 'home' ? '/app' : '/app?tab=messages';
    case 'channel': {
      if (route.channel === undefined) return '/';
      const message = route.message === undefined ? '' : `/p${route.message.replace('.', '')}`;
      const thread = route.thread === undefined ? '' : `?thread_ts=${route.thread}`;
      return `/archives/${route.channel}${message}${thread}`;
    }
    default:
      return route satisfies never;
  }
}

/** The route of a link into this workspace; undefined for other links. */
export function routeOfLink(link: string, teamDomain: string, origin: string): Route | undefined {
  const url = URL.parse(link);
  if (!url?.pathname.startsWith('/archives/')) return undefined;
  const isOurs = url.host === `${teamDomain}.slack.com` || url.origin === origin;
  return isOurs ? parseRoute(url) : undefined;
}
