// Routes each request to the part of the sim that answers it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isFromHere, servePageFile } from './browser.ts';
import { type Controlled, handleControl } from './control.ts';
import type { PageOptions } from './page-options.ts';
import type { ResponseUrls } from './response-urls.ts';
import type { JsonObject } from './types.ts';
import type { WebApi } from './web-api/serve.ts';

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export interface Routes {
  webApi: WebApi;
  responseUrls: ResponseUrls;
  sim: () => Controlled;
  /** Undefined until the host turns the page on. */
  page: () => PageOptions | undefined;
}

/** The page, its files, the app's own page in it, and Slack's permalinks, which open the message. */
function isPagePath(path: string): boolean {
  return path === '/' || path === '/app' || /^\/(assets|archives)\//.test(path);
}

export async function handleRequest(
  { webApi, responseUrls, sim, page }: Routes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://sim').pathname;
  const answer = (status: number, body: JsonObject | string) => {
    const isJson = typeof body === 'object';
    response.writeHead(status, { 'content-type': isJson ? 'application/json' : 'text/plain' });
    response.end(isJson ? JSON.stringify(body) : body);
  };
  try {
    const body = await readBody(request);
    if (path.startsWith('/api/')) {
      await webApi.handle(request, response, path.slice('/api/'.length), body);
    } else if (path.startsWith('/sim/')) {
      if (!isFromHere(request)) return answer(403, 'Other web pages cannot drive the sim.');
      const result = await handleControl(
        sim(),
        request.method ?? 'GET',
        path,
        body.toString('utf8'),
      );
      answer(result.status, result.body);
    } else if (path.startsWith('/upload/')) {
      await webApi.handleUpload(request, response, path.slice('/upload/'.length), body);
    } else if (path.startsWith('/commands/') || path.startsWith('/actions/')) {
      const result = responseUrls.receive(path, body.toString('utf8'));
      answer(result.status, result.body);
    } else {
      const shown = page();
      if (isPagePath(path) && shown) await servePageFile(shown.root, request, response, path);
      else answer(404, 'not found');
    }
  } catch (error) {
    // The client aborted the request: the sim did not fail.
    if (request.destroyed && !request.complete) return;
    answer(500, `The Slack sim failed: ${error instanceof Error ? error.stack : String(error)}`);
  }
}
