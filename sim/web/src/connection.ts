// The page's connection to the stand-in: one immutable state that components read with `useLive`, and
// the person's actions. After a break it reconnects and restores what was shown.
import type {
  LiveAnswer,
  LiveChannel,
  LiveEphemeral,
  LiveHello,
  LiveMessage,
  LivePerson,
  LiveTraffic,
  LiveUpdate,
  LiveView,
  PageAction,
  ServerMessage,
  WindowPatch,
} from '../../slack/live-protocol.ts';

const FIRST_RETRY_MS = 300;
const LAST_RETRY_MS = 4000;

/** The loaded part of a channel or thread, oldest first. */
export interface LoadedMessages {
  channel: string;
  thread?: string;
  messages: readonly LiveMessage[];
  hasOlder: boolean;
}

export interface LiveState {
  status: 'connecting' | 'open' | 'lost';
  hello: LiveHello | undefined;
  me: string | undefined;
  people: readonly LivePerson[];
  channels: readonly LiveChannel[] | undefined;
  customEmoji: readonly string[];
  channel: LoadedMessages | undefined;
  thread: LoadedMessages | undefined;
  ephemerals: readonly LiveEphemeral[];
  views: readonly LiveView[];
  home: LiveView | null;
  traffic: LiveTraffic | undefined;
  backstage: LiveUpdate['backstage'];
}

export interface Connection {
  get(): LiveState;
  subscribe(listener: () => void): () => void;
  be(user: string): void;
  /** Sets what is shown, also after a reconnect. `upTo` loads everything from that message on. */
  watchChannel(channel: string, upTo?: string): Promise<LiveAnswer>;
  watchThread(target: { channel: string; ts: string; upTo?: string } | undefined): void;
  do(action: PageAction): Promise<LiveAnswer>;
}

const START: LiveState = {
  status: 'connecting',
  hello: undefined,
  me: undefined,
  people: [],
  channels: undefined,
  customEmoji: [],
  channel: undefined,
  thread: undefined,
  ephemerals: [],
  views: [],
  home: null,
  traffic: undefined,
  backstage: undefined,
};

export function createConnection(url: string): Connection {
  let state = START;
  let socket: WebSocket | undefined;
  let retryMs = FIRST_RETRY_MS;
  let serial = 0;
  let channel: Extract<PageAction, { kind: 'watch-channel' }> | undefined;
  let thread: Extract<PageAction, { kind: 'watch-thread' }> | undefined;
  const listeners = new Set<() => void>();
  const waiting = new Map<number, (answer: LiveAnswer) => void>();

  const change = (part: Partial<LiveState>) => {
    state = { ...state, ...part };
    for (const listener of listeners) listener();
  };
  const send: Connection['do'] = (action) => {
    serial += 1;
    const id = serial;
    if (socket?.readyState !== WebSocket.OPEN)
      return Promise.resolve({
        kind: 'answer',
        id,
        error: 'There is no connection to the workspace.',
      });
    socket.send(JSON.stringify({ id, action }));
    return new Promise((resolve) => waiting.set(id, resolve));
  };
  const resume = () => {
    if (state.me === undefined) return;
    void send({ kind: 'be', user: state.me });
    if (channel) void send(channel);
    if (thread) void send(thread);
  };
  const receive = (message: ServerMessage) => {
    switch (message.kind) {
      case 'hello':
        retryMs = FIRST_RETRY_MS;
        change({ status: 'open', hello: message });
        resume();
        return;
      case 'answer':
        waiting.get(message.id)?.(message);
        waiting.delete(message.id);
        return;
      case 'update': {
        const { kind: _kind, channel: channelPatch, thread: threadPatch, ...rest } = message;
        change({
          ...rest,
          ...(channelPatch ? { channel: applyPatch(state.channel, channelPatch) } : {}),
          ...(threadPatch ? { thread: applyPatch(state.thread, threadPatch) } : {}),
        });
        return;
      }
      default:
        message satisfies never;
    }
  };
  const connect = () => {
    socket = new WebSocket(url);
    socket.onmessage = (event) => receive(JSON.parse(String(event.data)) as ServerMessage);
    socket.onclose = () => {
      for (const [id, settle] of waiting)
        settle({ kind: 'answer', id, error: 'The connection to the workspace was lost.' });
      waiting.clear();
      change({ status: 'lost' });
      setTimeout(connect, retryMs);
      retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
    };
  };
  connect();

  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    be(user) {
      channel = undefined;
      thread = undefined;
      change({ me: user, channels: undefined, channel: undefined, thread: undefined });
      void send({ kind: 'be', user });
    },
    watchChannel(id, upTo) {
      channel = { kind: 'watch-channel', channel: id, ...(upTo === undefined ? {} : { upTo }) };
      if (state.channel?.channel !== id) change({ channel: undefined });
      return send(channel);
    },
    watchThread(target) {
      thread = target && { kind: 'watch-thread', ...target };
      if (state.thread?.thread !== target?.ts) change({ thread: undefined });
      void send(thread ?? { kind: 'leave-thread' });
    },
    do: send,
  };
}

function applyPatch(shown: LoadedMessages | undefined, patch: WindowPatch): LoadedMessages {
  const { channel, thread, upserts, removed, hasOlder } = patch;
  const before = patch.reset ? [] : (shown?.messages ?? []);
  const place = { channel, ...(thread === undefined ? {} : { thread }), hasOlder };
  const last = before.at(-1)?.ts ?? '';
  // The most common case: a new message at the end.
  if (removed.length === 0 && upserts.every((m) => m.ts > last))
    return { ...place, messages: upserts.length === 0 ? before : [...before, ...upserts] };
  const byTs = new Map(before.map((m) => [m.ts, m]));
  const known = byTs.size;
  for (const message of upserts) byTs.set(message.ts, message);
  const isSorted = byTs.size === known;
  for (const ts of removed) byTs.delete(ts);
  const messages = [...byTs.values()];
  if (!isSorted) messages.sort((a, b) => (a.ts < b.ts ? -1 : 1));
  return { ...place, messages };
}
