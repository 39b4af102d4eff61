import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { SERVER_NAME } from '../core/health/server-name.ts';

/**
 * The requests that a server is answering. Node's `close` waits for every connection: also for one that never sends
 * its request whole, and for five seconds for one that may bring another request. Nobody listens meanwhile.
 */
export class HttpExchanges {
  readonly #server: Server;
  readonly #open = new Set<ServerResponse>();
  #ending = false;

  constructor(server: Server) {
    this.#server = server;
    // Before Bolt's listener, which may answer at once.
    server.prependListener('request', (_request, response) => {
      response.setHeader('server', SERVER_NAME);
      this.#open.add(response);
      response.once('close', () => this.#open.delete(response));
      if (this.#ending) closeAfter(response);
    });
  }

  /** Ends every connection once what has come whole is answered. Call it after the server's `close`. */
  async end(): Promise<void> {
    this.#ending = true;
    for (const response of this.#open) closeAfter(response);
    for (;;) {
      const whole = [...this.#open].filter(({ req }) => req.complete);
      if (whole.length === 0) break;
      await Promise.all(whole.map((response) => once(response, 'close')));
    }
    this.#server.closeAllConnections();
  }
}

function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
