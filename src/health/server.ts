import { createServer, type Server, type ServerResponse } from 'node:http';
import { SERVER_NAME } from '../core/health/server-name.ts';
import type { Log } from '../core/log.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

/**
 * What a platform asks: `/livez` (answers as long as the event loop turns), `/readyz` (503 with what is wrong
 * when the bot cannot work) and `/metrics`. No answer has a message's text, a name or a secret.
 */

/** A probe is a few hundred bytes, at once. */
const REQUEST_MS = 5_000;

/** What `/readyz` speaks of. */
export interface Watched {
  log: Log;
  checkReadiness(): Promise<Readiness>;
}

/** @throws when the port cannot be listened on */
export async function startHealthServer(
  port: number,
  { watched, metrics }: { watched: () => Watched | undefined; metrics: Metrics },
): Promise<Server> {
  const answer = async (path: string, response: ServerResponse): Promise<void> => {
    switch (path) {
      case '/livez':
        return send(response, 200, 'text/plain; charset=utf-8', 'ok\n');
      case '/readyz': {
        const readiness = (await watched()?.checkReadiness()) ?? {
          ready: false,
          checks: { start: 'the bot is starting' },
        };
        const body = `${JSON.stringify(readiness)}\n`;
        return send(response, readiness.ready ? 200 : 503, 'application/json', body);
      }
      case '/metrics':
        return send(response, 200, metrics.contentType, await metrics.render());
      default:
        return send(
          response,
          404,
          'text/plain; charset=utf-8',
          'There are /livez, /readyz and /metrics.\n',
        );
    }
  };
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS },
    (request, response) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.setHeader('allow', 'GET, HEAD');
        return send(response, 405, 'text/plain; charset=utf-8', 'Only GET is answered.\n');
      }
      const [path = '/'] = (request.url ?? '/').split('?');
      answer(path, response).catch((error: unknown) => {
        watched()?.log.warn({ err: error, path }, 'a question about health was not answered');
        send(response, 500, 'text/plain; charset=utf-8', 'See the log.\n');
      });
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, resolve);
  });
  return server;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    server: SERVER_NAME,
  });
  response.end(body);
}
