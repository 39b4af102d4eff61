import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Timeouts without waiting: a call times out when a stand-in says that it lets it hang. */
export interface Impatience {
  fetch: typeof globalThis.fetch;
  /** For the stand-ins. */
  onHang(request: IncomingMessage, answer?: 'none' | 'part'): void;
}

const HEADER = 'x-test-call';

/** The time after which the bot looks whether more of an answer has come. */
const WATCHDOG_MS = 60_000;

/** @param fire ends the waits of so many ms */
export function createImpatience(fire: (ms: number) => void): Impatience {
  const calls = new Map<string, AbortController>();
  return {
    async fetch(input, init = {}) {
      const id = randomUUID();
      const timeout = new AbortController();
      calls.set(id, timeout);
      const headers = new Headers(init.headers);
      headers.set(HEADER, id);
      const signals = [timeout.signal, ...(init.signal ? [init.signal] : [])];
      try {
        return await fetch(input, { ...init, headers, signal: AbortSignal.any(signals) });
      } finally {
        calls.delete(id);
      }
    },
    onHang({ headers, socket }, answer = 'none') {
      if (answer === 'none') {
        // What AbortSignal.timeout() aborts with.
        const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
        calls.get(String(headers[HEADER]))?.abort(reason);
        return;
      }
      // The watchdog looks again and again, until it has given up.
      const look = () => {
        if (socket.destroyed) return;
        fire(WATCHDOG_MS);
        setImmediate(look);
      };
      look();
    },
  };
}
