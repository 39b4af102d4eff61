// A page's connection to /live without a browser, and what it has received.
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type {
  LiveAnswer,
  LiveHello,
  LiveMessage,
  LiveUpdate,
  PageAction,
  ServerMessage,
  WindowPatch,
} from '../../../sim/slack/live-protocol.ts';
import type { SlackSim } from '../../../sim/slack/slack-sim.ts';

export interface OpenPage {
  hello: LiveHello;
  /** The latest of each part. */
  state: Omit<LiveUpdate, 'kind' | 'channel' | 'thread'>;
  /** What the page would show, oldest first, and whether there are older messages. */
  channel: { messages: LiveMessage[]; hasOlder: boolean };
  thread: { messages: LiveMessage[]; hasOlder: boolean };
  /** How many messages of the channel and the thread have been received. */
  upserts: number;
  closed: { code: number } | undefined;
  do(action: PageAction): Promise<LiveAnswer>;
  sendRaw(text: string): void;
  until(predicate: () => boolean): Promise<void>;
}

const empty = () => ({ messages: [] as LiveMessage[], hasOlder: false });

function apply(shown: OpenPage['channel'], patch: WindowPatch): void {
  const byTs = new Map((patch.reset ? [] : shown.messages).map((m) => [m.ts, m]));
  for (const message of patch.upserts) byTs.set(message.ts, message);
  for (const ts of patch.removed) byTs.delete(ts);
  shown.messages = [...byTs.values()].sort((a, b) => (a.ts < b.ts ? -1 : 1));
  shown.hasOlder = patch.hasOlder;
}

export async function openPage(
  sim: SlackSim,
  headers: Record<string, string> = {},
): Promise<OpenPage> {
  const socket = new WebSocket(`${sim.url.replace('http', 'ws')}/live`, { headers });
  onTestFinished(() => socket.terminate());
  const waiting = new Map<number, (answer: LiveAnswer) => void>();
  const watchers = new Set<() => void>();
  let serial = 0;
  const page: OpenPage = {
    hello: undefined as unknown as LiveHello,
    state: {},
    channel: empty(),
    thread: empty(),
    upserts: 0,
    closed: undefined,
    do(action) {
      serial += 1;
      const id = serial;
      // As the real page does.
      if (action.kind === 'be') page.state.channels = undefined;
      socket.send(JSON.stringify({ id, action }));
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    sendRaw: (text) => socket.send(text),
    until: (predicate) =>
      new Promise((resolve) => {
        const check = () => {
          if (!predicate()) return;
          watchers.delete(check);
          resolve();
        };
        watchers.add(check);
        check();
      }),
  };
  const receive = (message: ServerMessage) => {
    switch (message.kind) {
      case 'hello':
        page.hello = message;
        break;
      case 'answer':
        waiting.get(message.id)?.(message);
        break;
      case 'update': {
        const { kind: _kind, channel, thread, ...rest } = message;
        Object.assign(page.state, rest);
        page.upserts += (channel?.upserts.length ?? 0) + (thread?.upserts.length ?? 0);
        if (channel) apply(page.channel, channel);
        if (thread) apply(page.thread, thread);
        break;
      }
      default:
        message satisfies never;
    }
    for (const check of [...watchers]) check();
  };
  socket.on('message', (data) => receive(JSON.parse(String(data)) as ServerMessage));
  socket.on('close', (code) => {
    page.closed = { code };
    for (const check of [...watchers]) check();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('message', () => resolve());
  });
  return page;
}
