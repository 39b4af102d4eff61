// One Web API call from end to end: token, scope, rate limit, faults, the method, the answer, the log.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault, FaultBook } from '../faults.ts';
import type { RateLimits, Shortage } from '../rate-limits.ts';
import { type ApiCall, ApiError, type JsonObject } from '../types.ts';
import { type Access, requireScope } from './access.ts';
import { readArguments, readText } from './arguments.ts';
import type { MethodContext } from './context.ts';
import { receiveUpload, shareDue } from './files.ts';
import { METHODS, type Method } from './methods.ts';

const MAX_LOGGED = 50_000;

interface CallLog {
  /** The last 50,000 calls, oldest first; `counts` includes the dropped ones. */
  readonly calls: ApiCall[];
  readonly counts: Map<string, number>;
  rateLimited: number;
}

function createCallLog(): CallLog {
  return { calls: [], counts: new Map(), rateLimited: 0 };
}

interface Outcome {
  status: number;
  body: JsonObject | string;
  retryAfter?: number;
  /** Whether the request is answered, left hanging, or its connection destroyed. */
  line: 'answer' | 'hang' | 'cut';
}

export interface WebApi {
  log: CallLog;
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    method: string,
    body: Buffer,
  ): Promise<void>;
  /** Bytes for an address from files.getUploadURLExternal; faults and the log call it `upload`. */
  handleUpload(
    request: IncomingMessage,
    response: ServerResponse,
    id: string,
    body: Buffer,
  ): Promise<void>;
}

const UPLOAD = 'upload';

export interface WebApiOptions extends Omit<MethodContext, 'args'> {
  botToken: string;
  appToken: string;
  rateLimits: RateLimits | undefined;
  onHang: ((request: IncomingMessage) => void) | undefined;
  faults: FaultBook<Fault>;
  latencyMs: number;
  isSocketModeRefused: () => boolean;
}

function toOutcome(fault: Fault): Outcome {
  switch (fault.kind) {
    case 'error':
      return {
        status: 200,
        body: { ok: false, error: fault.error, ...fault.extra },
        line: 'answer',
      };
    case 'status':
      return { status: fault.status, body: 'Internal Server Error', line: 'answer' };
    case 'rate_limit':
      return {
        status: 429,
        body: { ok: false, error: 'ratelimited' },
        retryAfter: fault.retryAfter,
        line: 'answer',
      };
    case 'hang':
      return { status: 0, body: '', line: 'hang' };
    case 'cut':
      return { status: 0, body: '', line: 'cut' };
    case 'garbage':
      return {
        status: 200,
        body: '<!DOCTYPE html><html><body>Slack is down</body></html>',
        line: 'answer',
      };
    case 'answer':
      return { status: 200, body: { ok: true, ...fault.body }, line: 'answer' };
    default:
      return fault satisfies never;
  }
}

/** Too many posts in the whole workspace are an error; every other limit is a 429. */
function refuseFor(method: string, { of, seconds }: Shortage): Outcome {
  return method === 'chat.postMessage' && of === 'workspace'
    ? { status: 200, body: { ok: false, error: 'rate_limited' }, line: 'answer' }
    : {
        status: 429,
        body: { ok: false, error: 'ratelimited' },
        retryAfter: seconds,
        line: 'answer',
      };
}

export function createWebApi(options: WebApiOptions): WebApi {
  const log = createCallLog();

  const readToken = (request: IncomingMessage, args: JsonObject): string | undefined =>
    /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? readText(args, 'token');

  const authorize = (
    method: Method | undefined,
    token: string | undefined,
    access: Access,
  ): Method => {
    if (!method) throw new ApiError('unknown_method');
    if (token === undefined) throw new ApiError('not_authed');
    const expected = method.token === 'app' ? options.appToken : options.botToken;
    if (token !== expected) {
      const known = token === options.botToken || token === options.appToken;
      throw new ApiError(known ? 'not_allowed_token_type' : 'invalid_auth');
    }
    requireScope(access, ...method.scopes);
    return method;
  };

  const run = (method: Method, args: JsonObject): Outcome => {
    try {
      return {
        status: 200,
        body: { ok: true, ...method.run({ ...options, args }) },
        line: 'answer',
      };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return {
        status: 200,
        body: { ok: false, error: error.code, ...error.extra },
        line: 'answer',
      };
    }
  };

  const decide = async (
    request: IncomingMessage,
    name: string,
    args: JsonObject,
  ): Promise<Outcome> => {
    shareDue(options.world);
    let method: Method;
    try {
      method = authorize(
        Object.hasOwn(METHODS, name) ? METHODS[name] : undefined,
        readToken(request, args),
        options,
      );
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return {
        status: 200,
        body: { ok: false, error: error.code, ...error.extra },
        line: 'answer',
      };
    }
    const shortage = options.rateLimits?.take(name, readText(args, 'channel'));
    if (shortage) return refuseFor(name, shortage);
    if (options.latencyMs > 0)
      await new Promise((resolve) => setTimeout(resolve, options.latencyMs));
    const fault = options.faults.take((f) => f.method === name && (f.match?.(args) ?? true));
    if (!fault) {
      if (name === 'apps.connections.open' && options.isSocketModeRefused()) {
        return { status: 200, body: { ok: false, error: 'internal_error' }, line: 'answer' };
      }
      return run(method, args);
    }
    if (fault.when === 'after') {
      if (fault.commitDelayMs === undefined) run(method, args);
      else setTimeout(() => run(method, args), fault.commitDelayMs).unref();
    }
    return toOutcome(fault);
  };

  const record = (method: string, at: number, args: JsonObject, outcome: Outcome) => {
    const { token: _token, ...shown } = args;
    const answered = typeof outcome.body === 'object' ? outcome.body : {};
    log.calls.push({
      method,
      at,
      args: shown,
      ok: outcome.status === 200 && answered.ok === true,
      ...(typeof answered.error === 'string' ? { error: answered.error } : {}),
      status: outcome.status,
      ...(outcome.retryAfter === undefined ? {} : { retryAfter: outcome.retryAfter }),
    });
    // Trims rarely and in one go: shifting a long array on every call is slow.
    if (log.calls.length > MAX_LOGGED * 1.2) log.calls.splice(0, log.calls.length - MAX_LOGGED);
    log.counts.set(method, (log.counts.get(method) ?? 0) + 1);
    if (outcome.status === 429) log.rateLimited += 1;
    options.world.notify();
  };

  const send = (
    request: IncomingMessage,
    response: ServerResponse,
    method: string,
    outcome: Outcome,
  ) => {
    if (outcome.line === 'hang') {
      options.onHang?.(request);
      return;
    }
    if (outcome.line === 'cut') {
      request.socket.destroy();
      return;
    }
    const isJson = typeof outcome.body === 'object';
    response.writeHead(outcome.status, {
      'content-type': isJson ? 'application/json; charset=utf-8' : 'text/html',
      date: new Date(options.world.now()).toUTCString(),
      'x-oauth-scopes': [...options.scopes].join(','),
      'x-accepted-oauth-scopes': (METHODS[method]?.scopes ?? []).join(','),
      ...(outcome.retryAfter === undefined ? {} : { 'retry-after': String(outcome.retryAfter) }),
    });
    response.end(typeof outcome.body === 'string' ? outcome.body : JSON.stringify(outcome.body));
  };

  return {
    log,
    async handle(request, response, method, body) {
      const at = Date.now();
      let args: JsonObject = {};
      let outcome: Outcome;
      try {
        args = await readArguments(body, request.headers['content-type'] ?? '');
        for (const [key, value] of new URL(request.url ?? '/', 'http://sim').searchParams)
          args[key] ??= value;
        outcome = await decide(request, method, args);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        outcome = {
          status: 200,
          body: { ok: false, error: error.code, ...error.extra },
          line: 'answer',
        };
      }
      record(method, at, args, outcome);
      send(request, response, method, outcome);
    },
    async handleUpload(request, response, id, body) {
      const at = Date.now();
      const take = async (): Promise<Outcome> => {
        const taken = await receiveUpload(options.world, id, body, request.headers['content-type']);
        return {
          status: taken ? 200 : 400,
          body: taken ? `OK - ${body.length}` : 'bad upload',
          line: 'answer',
        };
      };
      const fault = options.faults.take(({ method }) => method === UPLOAD);
      if (fault?.when === 'after') await take();
      const outcome = fault ? toOutcome(fault) : await take();
      record(UPLOAD, at, { id, length: body.length }, outcome);
      send(request, response, UPLOAD, outcome);
    },
  };
}
