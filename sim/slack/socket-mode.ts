// Socket Mode: WebSocket connections that the app opens. Each payload goes to one of them.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { Answer, Outgoing, Transport } from './delivery.ts';
import { ApiError, isObject, type JsonObject } from './types.ts';

const PING_EVERY_MS = 3000;
/**
 * A longer acknowledgement ends the connection: "Max frame length of 20480 has been exceeded"
 * (revelrylabs/slax#614, August 2026).
 */
const MAX_FRAME_BYTES = 20_480;
const MAX_CONNECTIONS = 10;

export interface Sockets {
  count(): number;
  /** Slack recycles the connections: a `disconnect` envelope, then the socket closes. */
  refresh(): void;
  /** The network breaks: the sockets are destroyed without a close frame. */
  cut(): void;
  /** The sockets stay open but do nothing: they neither send nor read. */
  goSilent(): void;
  /** The sockets that are open now answer pings but bring nothing any more. */
  goDeaf(): void;
  /** Another process holds this many connections: Slack counts them and sends payloads there in turn. */
  addGhosts(count: number): void;
  clearGhosts(): void;
  /** Slack announces that it will recycle the connections in a moment. */
  warn(): void;
  /** Somebody switches Socket Mode off, or on again, in the app's settings. */
  disable(off: boolean): void;
  /** Refuses new connections while on. */
  refuse(on: boolean): void;
  sendRaw(envelope: JsonObject): void;
  /** Calls the listener when a socket opens or closes. Returns a function that stops this. */
  onChange(listener: () => void): () => void;
}

export interface SocketMode extends Transport {
  sockets: Sockets;
  /** Throws internal_error while new connections are refused. */
  issueTicket(): string;
  /** Accepts an HTTP upgrade with a ticket from `issueTicket`. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  stop(): void;
}

interface Pending {
  socket: WebSocket | 'ghost';
  settle: (answer: Answer) => void;
}

export function createSocketMode(options: {
  appId: string;
  ackTimeoutMs: number;
  notify: () => void;
}): SocketMode {
  const server = new WebSocketServer({
    noServer: true,
    autoPong: false,
    maxPayload: MAX_FRAME_BYTES,
  });
  const open = new Set<WebSocket>();
  const silent = new Set<WebSocket>();
  const deaf = new Set<WebSocket>();
  let ghosts = 0;
  const tickets = new Set<string>();
  const pending = new Map<string, Pending>();
  const listeners = new Set<() => void>();
  const notifyListeners = () => {
    options.notify();
    for (const listener of listeners) listener();
  };
  let refusing = false;
  let disabled = false;
  let turn = 0;

  const pings = setInterval(() => {
    for (const socket of open) if (!silent.has(socket)) socket.ping(`Ping from the sim`);
  }, PING_EVERY_MS);
  pings.unref();

  const receive = (data: string) => {
    let message: unknown;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    if (!isObject(message) || typeof message.envelope_id !== 'string') return;
    pending.get(message.envelope_id)?.settle({ kind: 'acked', response: message.payload });
  };

  const sendDisconnect = (socket: WebSocket, reason: string) =>
    socket.send(
      JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'applink-sim' } }),
    );

  const welcome = (socket: WebSocket) => {
    if (open.size + ghosts >= MAX_CONNECTIONS) {
      sendDisconnect(socket, 'too_many_websockets');
      socket.close(1000);
      return;
    }
    open.add(socket);
    socket.on('ping', (data) => {
      if (!silent.has(socket)) socket.pong(data);
    });
    socket.on('message', (data) => {
      if (!silent.has(socket)) receive(String(data));
    });
    socket.on('close', () => {
      open.delete(socket);
      silent.delete(socket);
      deaf.delete(socket);
      // Nobody is left to acknowledge what was sent over it.
      for (const sent of [...pending.values()]) {
        if (sent.socket === socket) sent.settle({ kind: 'failed', reason: 'timeout' });
      }
      notifyListeners();
    });
    // A reset connection also closes, which is handled above. ws itself closes with 1009 when a frame
    // is too long.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') socket.terminate();
    });
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: open.size + ghosts,
        debug_info: { host: 'applink-sim', build_number: 1, approximate_connection_time: 18060 },
        connection_info: { app_id: options.appId },
      }),
    );
    notifyListeners();
  };

  const choose = (): WebSocket | 'ghost' | undefined => {
    const ready = [...open].filter((s) => s.readyState === WebSocket.OPEN);
    const all = [...Array<'ghost'>(ghosts).fill('ghost'), ...ready];
    turn += 1;
    return all[turn % Math.max(1, all.length)];
  };

  return {
    sockets: {
      count: () => open.size,
      refresh() {
        for (const socket of open) {
          sendDisconnect(socket, 'refresh_requested');
          socket.close(1000);
        }
      },
      warn() {
        for (const socket of open) sendDisconnect(socket, 'warning');
      },
      disable(off) {
        disabled = off;
        if (!off) return;
        for (const socket of open) {
          sendDisconnect(socket, 'link_disabled');
          socket.close(1000);
        }
      },
      cut() {
        for (const socket of open) socket.terminate();
      },
      goSilent() {
        for (const socket of open) silent.add(socket);
      },
      goDeaf() {
        for (const socket of open) deaf.add(socket);
      },
      addGhosts(count) {
        ghosts += count;
      },
      clearGhosts() {
        ghosts = 0;
      },
      refuse(on) {
        refusing = on;
      },
      sendRaw(envelope) {
        for (const socket of open) socket.send(JSON.stringify(envelope));
      },
      onChange(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    issueTicket() {
      if (refusing || disabled) throw new ApiError('internal_error');
      const ticket = randomUUID();
      tickets.add(ticket);
      return ticket;
    },
    accept(request, socket, head) {
      const ticket = new URL(request.url ?? '/', 'http://sim').searchParams.get('ticket') ?? '';
      if (refusing || disabled || !tickets.delete(ticket)) {
        socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, welcome);
    },
    deliver(outgoing: Outgoing) {
      const socket = choose();
      if (!socket) return Promise.resolve({ kind: 'failed', reason: 'connection_failed' });
      const envelopeId = randomUUID();
      return new Promise<Answer>((resolve) => {
        const timer = setTimeout(
          () => settle({ kind: 'failed', reason: 'timeout' }),
          options.ackTimeoutMs,
        );
        const settle = (answer: Answer) => {
          clearTimeout(timer);
          pending.delete(envelopeId);
          resolve(answer);
        };
        pending.set(envelopeId, { socket, settle });
        if (socket === 'ghost' || silent.has(socket) || deaf.has(socket)) return;
        socket.send(
          JSON.stringify({
            envelope_id: envelopeId,
            payload: outgoing.payload,
            type: outgoing.kind,
            accepts_response_payload: outgoing.kind !== 'events_api',
            ...(outgoing.kind === 'events_api'
              ? { retry_attempt: outgoing.retry.attempt, retry_reason: outgoing.retry.reason }
              : {}),
          }),
        );
      });
    },
    stop() {
      clearInterval(pings);
      for (const { settle } of [...pending.values()])
        settle({ kind: 'failed', reason: 'stopped', final: true });
      for (const socket of open) socket.terminate();
      server.close();
    },
  };
}
