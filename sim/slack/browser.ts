// Serves the built files of the workspace's page from the stand-in's HTTP server, only to browsers on
// this machine that use the stand-in's own address.
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';

const CONTENT_TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The page loads only its own files and its own socket. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
};

/** Names of the loopback interface. Any other Host is a name that somebody pointed at it. */
const LOCAL_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/** Whether a request comes from the page itself, not from another site or by DNS rebinding. */
export function isFromHere(request: IncomingMessage): boolean {
  const { host, origin } = request.headers;
  if (host === undefined || !LOCAL_NAMES.includes(host.replace(/:\d+$/, ''))) return false;
  return origin === undefined || origin === `http://${host}`;
}

/** Serves a file of the page, or its index for addresses that the page routes itself. */
export async function servePageFile(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
  pathname: string,
): Promise<void> {
  const refuse = (status: number, text: string) => {
    response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain' });
    response.end(text);
  };
  if (!isFromHere(request)) return refuse(403, 'This address answers its own page only.');
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'GET only.');
  const isAsset = pathname.startsWith('/assets/');
  const name = isAsset ? path.posix.normalize(pathname).slice(1) : 'index.html';
  if (isAsset && !/^assets\/[\w.-]+$/.test(name)) return refuse(404, 'not found');
  let content: Buffer;
  try {
    content = await readFile(path.join(root, name));
  } catch {
    return refuse(404, 'not found');
  }
  response.writeHead(200, {
    ...HEADERS,
    'content-type': CONTENT_TYPES[path.extname(name)] ?? 'application/octet-stream',
    // Asset names contain a hash of their content.
    'cache-control': isAsset ? 'public, max-age=31536000, immutable' : 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : content);
}
