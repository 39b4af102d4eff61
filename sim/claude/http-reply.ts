/** Reads requests and sends answers, independent of the endpoints. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Batch } from './batch.ts';
import { type ApiError, errorEnvelope, invalidRequest, makeError } from './errors.ts';

export type Reply = (
  | { kind: 'json'; body: unknown }
  | { kind: 'refused'; error: ApiError }
  | { kind: 'results'; batch: Batch }
  /** The work was done, but the answer is lost. */
  | { kind: 'lost' }
) & {
  /** How long the work takes before anything is answered, in ms; default 0. */
  takesMs?: number;
};

export type Refusal = { kind: 'refused'; error: ApiError };

export function replyJson(body: unknown): Reply {
  return { kind: 'json', body };
}

export function refuse(error: ApiError): Refusal {
  return { kind: 'refused', error };
}

export type ReadBody = { kind: 'json'; json: unknown } | Refusal;

/** Reads the body as JSON. A body over `maxBytes` is read to its end and discarded. */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes: Buffer = chunk;
    size += bytes.length;
    if (size <= maxBytes) chunks.push(bytes);
    else chunks.length = 0;
  }
  if (size > maxBytes) {
    const error = makeError('request_too_large', 'Request exceeds the maximum size');
    return { kind: 'refused', error };
  }
  try {
    return { kind: 'json', json: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const refusal = invalidRequest(`The request body is not valid JSON: ${why}`);
    return { kind: 'refused', error: refusal };
  }
}

const SIMULATED = { 'x-simulated': 'keyword-rules' };

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  requestId: string,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'request-id': requestId,
    ...SIMULATED,
    ...headers,
  });
  response.end(text);
}

export function sendError(
  response: ServerResponse,
  error: ApiError,
  requestId: string,
  headers: Record<string, string> = {},
): void {
  const body = errorEnvelope(error, requestId);
  sendJson(response, error.status, body, requestId, { ...headers, ...error.headers });
}

export function startLines(response: ServerResponse, requestId: string): void {
  response.writeHead(200, {
    'content-type': 'application/x-jsonl',
    'request-id': requestId,
    ...SIMULATED,
  });
  response.flushHeaders();
}
