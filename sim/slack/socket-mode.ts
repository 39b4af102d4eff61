// Socket Mode: WebSocket connections that the app opens. Each payload goes to any one of them.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { Answer, Outgoing, Transport } from './delivery.ts';
import { isObject, type JsonObject } from './types.ts';

const PING_EVERY_MS = 3000;
/**
 * Longer acknowledgements end the connection: "Max frame length of 20480 has been exceeded", as seen in
 * August 2026 (revelrylabs/slax#614).
 */
const MAX_FRAME_BYTES = 20_480;
const MAX_CONNECTIONS = 10;

export interface Sockets {
  count(): number;
  /** Slack recycles the connections: a `disconnect` envelope, then the socket closes. */
  refresh(): void;
  /** The network breaks: the sockets are destroyed without a word. */
  cut(): void;
  /** The sockets stay open and do nothing more: no ping, no pong, no envelope, no reading. */
  goSilent(): void;
  /** From now on new connections are refused. */
  refuse(on: boolean): void;
  sendRaw(envelope: JsonObject): void;
  /** Calls when one has opened or closed, until the function that it answers is called. */
  onChange(listener: () => void): () => void;
}

export interface SocketMode extends Transport {
  sockets: Sockets;
  isRefusing(): boolean;
  issueTicket(): string;
  /** Takes an HTTP upgrade that carries a ticket of `issueTicket`. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  stop(): void;
}

interface Pending {
  socket: WebSocket;
  settle: (answer: Answer) => void;
}

export function createSocketMode(options: {
  appId: string;
  ackTimeoutMs: number;
  note: () => void;
}): SocketMode {
  const server = new WebSocketServer({
    noServer: true,
    autoPong: false,
    maxPayload: MAX_FRAME_BYTES,
  });
  const open = new Set<WebSocket>();
  const silent = new Set<WebSocket>();
  const tickets = new Set<string>();
  const pending = new Map<string, Pending>();
  const listeners = new Set<() => void>();
  const noteChange = () => {
    options.note();
    for (const listener of listeners) listener();
  };
  let refusing = false;
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

  const welcome = (socket: WebSocket) => {
    open.add(socket);
    socket.on('ping', (data) => {
      if (!silent.has(socket)) socket.pong(data);
    });
    socket.on('message', (data) => {
      if (!silent.has(socket)) receive(String(data));
    });
    socket.on('close', () => {
      for (const each of [...pending.values()]) {
        if (each.socket === socket) each.settle({ kind: 'failed', reason: 'connection_failed' });
      }
      open.delete(socket);
      silent.delete(socket);
      noteChange();
    });
    // A reset connection also closes; there is nothing more to do about it. What is too long is
    // answered by a close with 1009.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') socket.terminate();
    });
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: open.size,
        debug_info: { host: 'applink-sim', build_number: 1, approximate_connection_time: 18060 },
        connection_info: { app_id: options.appId },
      }),
    );
    noteChange();
  };

  const choose = (): WebSocket | undefined => {
    const ready = [...open].filter((s) => s.readyState === WebSocket.OPEN);
    turn += 1;
    return ready[turn % Math.max(1, ready.length)];
  };

  return {
    sockets: {
      count: () => open.size,
      refresh() {
        for (const socket of open) {
          socket.send(
            JSON.stringify({
              type: 'disconnect',
              reason: 'refresh_requested',
              debug_info: { host: 'applink-sim' },
            }),
          );
          socket.close(1000);
        }
      },
      cut() {
        for (const socket of open) socket.terminate();
      },
      goSilent() {
        for (const socket of open) silent.add(socket);
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
    isRefusing: () => refusing,
    issueTicket() {
      const ticket = randomUUID();
      tickets.add(ticket);
      return ticket;
    },
    accept(request, socket, head) {
      const ticket = new URL(request.url ?? '/', 'http://sim').searchParams.get('ticket') ?? '';
      if (refusing || open.size >= MAX_CONNECTIONS || !tickets.delete(ticket)) {
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
        if (silent.has(socket)) return;
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
