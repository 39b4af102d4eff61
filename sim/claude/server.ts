/**
 * Handles an HTTP request: logs the call, then applies faults, authentication and rate limits, then
 * calls the endpoint. Serves both the API's host and the results' host.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Batch } from './batch.ts';
import { type ControlPlane, handleControl } from './control.ts';
import {
  type ApiError,
  errorTypeOfStatus,
  invalidRequest,
  makeError,
  spendCapError,
  spendLimitError,
} from './errors.ts';
import type { RequestFault } from './faults.ts';
import { type Reply, readJsonBody, refuse, sendError, sendJson, startLines } from './http-reply.ts';
import type { RequestLimit } from './rate-limit.ts';
import { type OnHang, type StreamedResults, streamResults } from './results-stream.ts';
import { answerRequest, type Service } from './routes.ts';

export interface ApiCall {
  method: string;
  path: string;
  /** Ms since 1970. */
  at: number;
  /** 0 until it is answered; stays 0 when the socket was cut. */
  status: number;
  error?: { type: string; message: string };
}

export interface Wire extends Service {
  apiKey: string;
  calls: ApiCall[];
  control: ControlPlane;
  limits: { messages: RequestLimit; batches: RequestLimit };
  maxBatchBytes: number;
  maxBodyBytes: number;
  onStreamed: (batch: Batch, streamed: StreamedResults) => void;
  onChange: () => void;
  onHang: OnHang | undefined;
}

const VERSIONS = ['2023-01-01', '2023-06-01', '2026-10-21'];

export async function serveRequest(
  wire: Wire,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? 'GET';
  const url = new URL(request.url ?? '/', 'http://sim');
  if (url.pathname.startsWith('/sim/')) {
    await handleControl(wire.control, method, url.pathname, request, response);
    return;
  }
  const call: ApiCall = { method, path: url.pathname, at: wire.now(), status: 0 };
  wire.calls.push(call);
  const requestId = `req_sim_${randomBytes(12).toString('hex')}`;
  response.once('close', () => wire.onChange());
  wire.onChange();
  const fault = wire.faults.takeRequest(method, url.pathname);
  if (fault?.kind === 'hang') {
    wire.onHang?.(request, 'none');
    return;
  }
  if (fault?.kind === 'cut') {
    request.socket.destroy();
    return;
  }
  const reply = await decideReply(wire, request, url, requestId, fault);
  await sendReply(wire, reply, call, response, requestId);
}

async function decideReply(
  wire: Wire,
  request: IncomingMessage,
  url: URL,
  requestId: string,
  fault: Exclude<RequestFault, { kind: 'hang' | 'cut' }> | undefined,
): Promise<Reply> {
  const method = request.method ?? 'GET';
  const path = url.pathname;
  const about = path.startsWith('/v1/messages/batches') ? 'batches' : 'messages';
  const early =
    checkHeaders(request, wire.apiKey) ??
    (fault === undefined ? undefined : wordFault(fault)) ??
    (path.startsWith('/v1/messages') ? wire.limits[about].take(wire.now()) : undefined);
  const limit = about === 'batches' ? wire.maxBatchBytes : wire.maxBodyBytes;
  const reading = method === 'POST' && !path.endsWith('/cancel');
  // The body is always read to its end: an earlier answer can look like a broken connection.
  const body = reading ? await readJsonBody(request, limit) : undefined;
  if (early !== undefined) return refuse(early);
  if (body?.kind === 'refused') return body;
  return answerRequest(wire, {
    method,
    path,
    query: url.searchParams,
    body: body?.json,
    requestId,
  });
}

function checkHeaders(request: IncomingMessage, apiKey: string): ApiError | undefined {
  const { authorization } = request.headers;
  if (authorization === undefined) {
    return makeError('authentication_error', 'Authentication is required: Authorization: Bearer …');
  }
  if (authorization !== `Bearer ${apiKey}`) {
    return makeError('authentication_error', 'Invalid bearer token');
  }
  const version = request.headers['anthropic-version'];
  if (version === undefined) return invalidRequest('anthropic-version: header is required');
  if (!VERSIONS.includes(String(version))) {
    return invalidRequest(`anthropic-version: "${version}" is not a valid version.`);
  }
  return undefined;
}

function wordFault(fault: Exclude<RequestFault, { kind: 'hang' | 'cut' }>): ApiError {
  switch (fault.kind) {
    case 'spend_cap':
      return spendCapError();
    case 'spend_limit_400':
      return spendLimitError();
    case 'status': {
      const type = fault.errorType ?? errorTypeOfStatus(fault.status);
      const error = makeError(type, fault.message ?? 'Simulated failure', fault.headers);
      return { ...error, status: fault.status };
    }
    default:
      return fault satisfies never;
  }
}

async function sendReply(
  wire: Wire,
  reply: Reply,
  call: ApiCall,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  switch (reply.kind) {
    case 'json':
      call.status = 200;
      return sendJson(response, 200, reply.body, requestId);
    case 'refused': {
      const { status, type, message } = reply.error;
      call.status = status;
      call.error = { type, message };
      return sendError(response, reply.error, requestId);
    }
    case 'lost':
      response.destroy();
      return;
    case 'results': {
      call.status = 200;
      startLines(response, requestId);
      const fault = wire.faults.takeResults(call.method, call.path);
      wire.onStreamed(reply.batch, await streamResults(response, reply.batch, fault, wire.onHang));
      return;
    }
    default:
      return reply satisfies never;
  }
}
