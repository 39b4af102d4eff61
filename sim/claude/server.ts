/**
 * Handles an HTTP request: logs the call, then applies faults, authentication and rate limits, then
 * calls the endpoint. Serves both the API's host and the results' host.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Batch } from './batch.ts';
import type { CallsInFlight } from './calls-in-flight.ts';
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
import type { MessageLimit, RequestLimit } from './rate-limit.ts';
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
  inFlight: CallsInFlight;
  maxBatchBytes: number;
  maxBodyBytes: number;
  onStreamed: (batch: Batch, streamed: StreamedResults) => void;
  /** Ends the batches and answers the calls that are due by the clock. */
  endDue: () => void;
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
  wire.endDue();
  const requestId = `req_sim_${randomBytes(12).toString('hex')}`;
  const leave = isMessage(call) ? wire.inFlight.enter() : () => {};
  const gone = new AbortController();
  response.once('close', () => {
    leave();
    gone.abort();
    wire.onChange();
  });
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
  const { reply, limit } = await decideReply(wire, request, url, requestId, fault);
  await wire.inFlight.waitUntil(call.at + (reply.takesMs ?? 0), gone.signal);
  if (response.destroyed) return;
  leave();
  response.setHeader('date', new Date(wire.now()).toUTCString());
  await sendReply(wire, reply, call, response, requestId, limit?.headers(wire.now()));
}

interface Decision {
  reply: Reply;
  /** Every answer about a message tells what is left of it. */
  limit?: MessageLimit | undefined;
}

async function decideReply(
  wire: Wire,
  request: IncomingMessage,
  url: URL,
  requestId: string,
  fault: Exclude<RequestFault, { kind: 'hang' | 'cut' }> | undefined,
): Promise<Decision> {
  const method = request.method ?? 'GET';
  const path = url.pathname;
  const stranger = checkHeaders(request, wire.apiKey);
  const early =
    stranger ??
    (fault === undefined ? undefined : wordFault(fault)) ??
    findRequestLimit(wire, path)?.take(wire.now());
  const maxBytes = path.startsWith(BATCHES) ? wire.maxBatchBytes : wire.maxBodyBytes;
  const reading = method === 'POST' && !path.endsWith('/cancel');
  // The body is always read to its end: an earlier answer can look like a broken connection.
  const read = reading ? await readJsonBody(request, maxBytes) : undefined;
  if (stranger !== undefined) return { reply: refuse(stranger) };
  const body = read?.kind === 'json' ? read.json : undefined;
  const limit = isMessage({ method, path }) ? findMessageLimit(wire, body) : undefined;
  if (early !== undefined) return { reply: refuse(early), limit };
  if (read?.kind === 'refused') return { reply: read, limit };
  const asked = { method, path, query: url.searchParams, body, limit, requestId };
  return { reply: answerRequest(wire, asked), limit };
}

const BATCHES = '/v1/messages/batches';

function isMessage({ method, path }: { method: string; path: string }): boolean {
  return method === 'POST' && path === '/v1/messages';
}

/** Batches and token counts have limits of their own. */
function findRequestLimit({ limits }: Wire, path: string): RequestLimit | undefined {
  if (path.startsWith(BATCHES)) return limits.batches;
  return path === '/v1/messages/count_tokens' ? limits.counting : undefined;
}

function findMessageLimit({ limits, now }: Wire, body: unknown): MessageLimit | undefined {
  const named = typeof body === 'object' && body !== null && 'model' in body;
  return named ? limits.messages.find(body.model, now()) : undefined;
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
    case 'overloaded':
      return makeError('overloaded_error', 'Overloaded');
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
  headers?: Record<string, string>,
): Promise<void> {
  switch (reply.kind) {
    case 'json':
      call.status = 200;
      return sendJson(response, 200, reply.body, requestId, headers);
    case 'refused': {
      const { status, type, message } = reply.error;
      call.status = status;
      call.error = { type, message };
      return sendError(response, reply.error, requestId, headers);
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
