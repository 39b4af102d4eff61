// The page's WebSocket. Each page is one person, who watches one channel and at most one thread. After
// a change each page gets only what is new for that person.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { isFromHere } from './browser.ts';
import type { AppActions } from './interactions.ts';
import { act, maySee } from './live-actions.ts';
import {
  type LiveAnswer,
  type LiveUpdate,
  type LiveView,
  type PageAction,
  pageRequest,
  type ServerMessage,
} from './live-protocol.ts';
import { createLiveWindow, type LiveWindow } from './live-window.ts';
import type { PageOptions } from './page-options.ts';
import type { People } from './people.ts';
import type { Sockets } from './socket-mode.ts';
import type { ApiCall, SimView } from './types.ts';
import type { Workspace } from './workspace.ts';

/** Changes within this time are sent together. */
const UPDATE_EVERY_MS = 40;
/** Rate limits refill without any event; the page shows that too. */
const REFRESH_EVERY_MS = 1000;
/** A page that falls behind gets its next update once it has read most of the last ones. */
const MAX_BEHIND_BYTES = 4_000_000;
const MAX_REQUEST_BYTES = 1_000_000;
const EPHEMERALS_SHOWN = 50;
const CALLS_SHOWN = 60;
/** What each person sees differently. */
const PERSONAL = ['channels', 'ephemerals', 'views', 'home'] as const;

export interface Live {
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Something in the workspace has changed. */
  notify(): void;
  /** The host has turned the page on or replaced it. */
  setPage(page: PageOptions): void;
  stop(): void;
}

interface Connection {
  readonly socket: WebSocket;
  user: string | undefined;
  channel: LiveWindow | undefined;
  thread: LiveWindow | undefined;
  /** What was last sent, by part of the update, as JSON. */
  readonly lastSent: Map<keyof LiveUpdate, string>;
}

/** What the page shows of the traffic between the app and the workspace. */
interface Traffic {
  readonly calls: readonly ApiCall[];
  readonly callCounts: ReadonlyMap<string, number>;
  readonly rateLimited: number;
  readonly sockets: Sockets;
}

export function createLive({
  world,
  sim,
  levels,
}: {
  world: Workspace;
  sim: () => People & AppActions & Traffic;
  levels: () => { method: string; left: number; burst: number; aMinute: number }[];
}): Live {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_REQUEST_BYTES });
  const connections = new Set<Connection>();
  let page: PageOptions | undefined;
  let stopWatchingBackstage = () => {};
  let timer: NodeJS.Timeout | undefined;
  const refreshes = setInterval(() => notify(), REFRESH_EVERY_MS);
  refreshes.unref();

  const send = ({ socket }: Connection, message: ServerMessage) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  const notify = () => {
    if (timer !== undefined || connections.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      for (const connection of connections) sendUpdate(connection);
    }, UPDATE_EVERY_MS);
    timer.unref();
  };

  const sendUpdate = (connection: Connection) => {
    if (connection.socket.bufferedAmount > MAX_BEHIND_BYTES) {
      notify();
      return;
    }
    const update = collect(connection);
    if (Object.keys(update).length > 1) send(connection, update);
  };

  const collect = (connection: Connection): LiveUpdate => {
    const { user, lastSent } = connection;
    const update: LiveUpdate = { kind: 'update' };
    const put = <K extends keyof LiveUpdate>(key: K, value: LiveUpdate[K]) => {
      const text = JSON.stringify(value);
      if (lastSent.get(key) === text) return;
      lastSent.set(key, text);
      update[key] = value;
    };
    put('people', [...world.users.values()]);
    put('customEmoji', Object.keys(world.emoji.custom()));
    put('traffic', describeTraffic());
    if (page?.backstage) put('backstage', page.backstage.state());
    if (user === undefined) return update;
    put('channels', describeChannels(user));
    const ephemerals = world.ephemerals.filter((e) => e.user === user).slice(-EPHEMERALS_SHOWN);
    put('ephemerals', ephemerals);
    const modals = [...world.views.values()].filter((v) => v.kind === 'modal' && v.user === user);
    put('views', modals.map(describeView));
    const home = world.homes.get(user);
    put('home', home ? describeView(home) : null);
    for (const part of ['channel', 'thread'] as const) {
      const shown = connection[part];
      const patch = shown && maySee(shown.channel, user) ? shown.takePatch() : undefined;
      if (patch) update[part] = patch;
    }
    return update;
  };

  const describeView = ({ id, hash, view, previousViewId }: SimView): LiveView => {
    const { private_metadata: _metadata, ...shown } = view;
    return { id, hash, view: shown, previousViewId };
  };

  const describeChannels = (user: string): NonNullable<LiveUpdate['channels']> =>
    [...world.channels.values()]
      .filter((channel) => maySee(channel, user))
      .map(({ id, name, kind, isArchived, members, store }) => {
        const latest = store.timeline[store.timeline.length - 1];
        return {
          id,
          name,
          kind,
          isArchived,
          isMember: members.has(user),
          members: members.size,
          ...(latest === undefined ? {} : { latest }),
        };
      });

  const describeTraffic = (): NonNullable<LiveUpdate['traffic']> => {
    const { calls, callCounts, rateLimited, sockets } = sim();
    return {
      calls: calls.slice(-CALLS_SHOWN).map(({ args: _args, ...call }) => call),
      total: [...callCounts.values()].reduce((sum, count) => sum + count, 0),
      rateLimited,
      sockets: sockets.count(),
      limits: levels(),
    };
  };

  const watch = (
    connection: Connection,
    { channel: id, ts, upTo }: { channel: string; ts?: string; upTo?: string | undefined },
  ): LiveWindow => {
    const channel = world.channels.get(id);
    if (!channel || connection.user === undefined || !maySee(channel, connection.user))
      throw new Error('There is no such channel.');
    if (ts !== undefined && !channel.store.get(ts)) throw new Error('There is no such message.');
    return createLiveWindow(channel, { thread: ts, upTo });
  };

  const perform = async (
    connection: Connection,
    action: PageAction,
  ): Promise<Omit<LiveAnswer, 'kind' | 'id'>> => {
    switch (action.kind) {
      case 'be':
        if (!world.users.has(action.user)) throw new Error('There is no such person.');
        connection.user = action.user;
        connection.channel = undefined;
        connection.thread = undefined;
        // The page forgets what belongs to the last person.
        for (const part of PERSONAL) connection.lastSent.delete(part);
        return {};
      case 'watch-channel':
        connection.channel = watch(connection, action);
        return {};
      case 'watch-thread':
        connection.thread = watch(connection, action);
        return {};
      case 'leave-thread':
        connection.thread = undefined;
        return {};
      case 'older':
        connection[action.of]?.grow();
        return {};
      case 'press-backstage':
        if (!page?.backstage) throw new Error('This workspace has nothing behind the scenes.');
        await page.backstage.press(action.id, action.value);
        return {};
      default:
        if (connection.user === undefined) throw new Error('Choose first who you are.');
        return act({ sim: sim(), world, commands: page?.commands }, connection.user, action);
    }
  };

  const receive = async (connection: Connection, data: string) => {
    const parsed = pageRequest.safeParse(parseJson(data));
    if (!parsed.success) {
      connection.socket.close(1007, 'This is not a request of the page.');
      return;
    }
    const { id, action } = parsed.data;
    let answer: Omit<LiveAnswer, 'kind' | 'id'>;
    try {
      answer = await perform(connection, action);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      answer = { error: error.message };
    }
    // Sends the effects of the action before its answer.
    sendUpdate(connection);
    send(connection, { kind: 'answer', id, ...answer });
  };

  const welcome = (socket: WebSocket, shown: PageOptions) => {
    const connection: Connection = {
      socket,
      user: undefined,
      channel: undefined,
      thread: undefined,
      lastSent: new Map(),
    };
    connections.add(connection);
    socket.on('message', (data) => void receive(connection, String(data)));
    socket.on('close', () => connections.delete(connection));
    // A reset connection also closes, which is handled above.
    socket.on('error', () => socket.terminate());
    send(connection, {
      kind: 'hello',
      teamDomain: world.teamDomain,
      botUserId: world.botUserId,
      commands: shown.commands ?? [],
      shortcuts: shown.shortcuts ?? [],
      ...(shown.backstage ? { banner: shown.backstage.banner } : {}),
      ...(shown.backstage?.steps ? { steps: shown.backstage.steps } : {}),
    });
    sendUpdate(connection);
  };

  return {
    notify,
    accept(request, socket, head) {
      const shown = page;
      if (!shown || !isFromHere(request)) {
        socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, (opened) => welcome(opened, shown));
    },
    setPage(next) {
      page = next;
      stopWatchingBackstage();
      stopWatchingBackstage = next.backstage?.onChange(notify) ?? (() => {});
      // Open pages reconnect and read the new options.
      for (const { socket } of connections) socket.close(1012);
    },
    stop() {
      clearTimeout(timer);
      clearInterval(refreshes);
      stopWatchingBackstage();
      for (const { socket } of connections) socket.terminate();
      server.close();
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
