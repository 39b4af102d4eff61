// Routes each request to the part of the sim that answers it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isFromHere, servePageFile } from './browser.ts';
import { type Controlled, handleControl } from './control.ts';
import type { PageOptions } from './page-options.ts';
import type { ResponseUrls } from './response-urls.ts';
import type { JsonObject } from './types.ts';
import { readCall } from './web-api/calls.ts';
import type { WebApi } from './web-api/serve.ts';

export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  path: string;
  body: Buffer;
}

/** What a workspace answers, whichever server it is on. */
export interface Routes {
  webApi: WebApi;
  responseUrls: ResponseUrls;
  sim: Controlled;
}

/** Reads the request and has it handled; an error becomes an answer that shows it. */
export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  handle: (exchange: Exchange) => Promise<void>,
): Promise<void> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = new URL(request.url ?? '/', 'http://sim').pathname;
    await handle({ request, response, path, body: Buffer.concat(chunks) });
  } catch (error) {
    // The client aborted the request: the sim did not fail.
    if (request.destroyed && !request.complete) return;
    const shown = error instanceof Error ? error.stack : String(error);
    answer(response, 500, `The Slack sim failed: ${shown}`);
  }
}

export function answer(response: ServerResponse, status: number, body: JsonObject | string): void {
  const isJson = typeof body === 'object';
  response.writeHead(status, { 'content-type': isJson ? 'application/json' : 'text/plain' });
  response.end(isJson ? JSON.stringify(body) : body);
}

/** The method that a path under /api/ names. */
export function nameMethod(path: string): string | undefined {
  return path.startsWith('/api/') ? path.slice('/api/'.length) : undefined;
}

/** Handles what belongs to a workspace, apart from its Web API. Returns false for anything else. */
export async function handleTeamRequest(
  { webApi, responseUrls, sim }: Routes,
  { request, response, path, body }: Exchange,
): Promise<boolean> {
  if (path.startsWith('/sim/')) {
    if (isFromHere(request)) {
      const method = request.method ?? 'GET';
      const result = await handleControl(sim, method, path, body.toString('utf8'));
      answer(response, result.status, result.body);
    } else answer(response, 403, 'Other web pages cannot drive the sim.');
  } else if (path.startsWith('/upload/')) {
    await webApi.serveUpload(request, response, path.slice('/upload/'.length), body);
  } else if (path.startsWith('/commands/') || path.startsWith('/actions/')) {
    const result = responseUrls.receive(path, body.toString('utf8'));
    answer(response, result.status, result.body);
  } else return false;
  return true;
}

/** The page, its files, the app's own page in it, and Slack's permalinks, which open the message. */
function isPagePath(path: string): boolean {
  return path === '/' || path === '/app' || /^\/(assets|archives)\//.test(path);
}

/** Handles the requests of a server that has one workspace. */
export async function handleRequest(
  routes: Routes,
  exchange: Exchange,
  page: PageOptions | undefined,
): Promise<void> {
  const { request, response, path, body } = exchange;
  const method = nameMethod(path);
  if (method !== undefined)
    await routes.webApi.serve(request, response, await readCall(request, method, body));
  else if (await handleTeamRequest(routes, exchange)) return;
  else if (page && isPagePath(path)) await servePageFile(page.root, request, response, path);
  else answer(response, 404, 'not found');
}
