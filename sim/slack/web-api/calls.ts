// What every call goes through, whoever answers it: its arguments, the faults, the answer, the log.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault, FaultBook } from '../faults.ts';
import type { Shortage } from '../rate-limits.ts';
import { type ApiCall, ApiError, type JsonObject } from '../types.ts';
import { readArguments, readText } from './arguments.ts';

const MAX_LOGGED = 50_000;

interface CallLog {
  /** The last 50,000 calls, oldest first; `counts` includes the dropped ones. */
  readonly calls: ApiCall[];
  readonly counts: Map<string, number>;
  rateLimited: number;
}

export interface Call {
  readonly method: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly args: JsonObject;
  readonly token?: string | undefined;
  /** Why the arguments could not be read. */
  readonly problem?: ApiError;
}

export interface Outcome {
  status: number;
  body: JsonObject | string;
  retryAfter?: number;
  /** Whether the request is answered, left hanging, or its connection destroyed. */
  line: 'answer' | 'hang' | 'cut';
}

interface Steps {
  /** Refuses what costs nothing: a bad token, a call too many. Returns the refusal, or throws it. */
  refuse?(): Outcome | undefined;
  run(): Outcome | Promise<Outcome>;
  headers?(): Record<string, string>;
}

export interface Calls {
  readonly log: CallLog;
  serve(
    request: IncomingMessage,
    response: ServerResponse,
    call: Call,
    steps: Steps,
  ): Promise<void>;
}

export interface CallsOptions {
  faults: FaultBook<Fault>;
  latencyMs: number;
  onHang: ((request: IncomingMessage) => void) | undefined;
  /** ms since 1970 */
  now(): number;
  notify(): void;
}

/** The token comes with the header, or else with the arguments. */
export async function readCall(
  request: IncomingMessage,
  method: string,
  body: Buffer,
): Promise<Call> {
  const at = Date.now();
  try {
    const args = await readArguments(body, request.headers['content-type'] ?? '');
    for (const [key, value] of new URL(request.url ?? '/', 'http://sim').searchParams)
      args[key] ??= value;
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    return { method, at, args, token: bearer ?? readText(args, 'token') };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { method, at, args: {}, problem: error };
  }
}

export function succeed(body: JsonObject): Outcome {
  return { status: 200, body: { ok: true, ...body }, line: 'answer' };
}

function refuse(code: string, extra: JsonObject = {}): Outcome {
  return { status: 200, body: { ok: false, error: code, ...extra }, line: 'answer' };
}

/** Too many posts in the whole workspace are an error; every other limit is a 429. */
export function refuseForNow(method: string, { of, seconds }: Shortage): Outcome {
  if (method === 'chat.postMessage' && of === 'workspace') return refuse('rate_limited');
  return { ...refuse('ratelimited'), status: 429, retryAfter: seconds };
}

function toOutcome(fault: Fault): Outcome {
  switch (fault.kind) {
    case 'error':
      return refuse(fault.error, fault.extra);
    case 'status':
      return { status: fault.status, body: 'Internal Server Error', line: 'answer' };
    case 'rate_limit':
      return { ...refuse('ratelimited'), status: 429, retryAfter: fault.retryAfter };
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
      return succeed(fault.body);
    default:
      return fault satisfies never;
  }
}

/** What Slack answers instead of the result, if the step throws one of its errors. */
async function settle<T extends Outcome | undefined>(step: () => T | Promise<T>) {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return refuse(error.code, error.extra);
  }
}

export function createCalls(options: CallsOptions): Calls {
  const log: CallLog = { calls: [], counts: new Map(), rateLimited: 0 };

  const decide = async (call: Call, steps: Steps): Promise<Outcome> => {
    if (call.problem) return refuse(call.problem.code, call.problem.extra);
    const refused = await settle(() => steps.refuse?.());
    if (refused) return refused;
    if (options.latencyMs > 0)
      await new Promise((resolve) => setTimeout(resolve, options.latencyMs));
    const run = () => settle(() => steps.run());
    const fault = options.faults.take(
      (f) => f.method === call.method && (f.match?.(call.args) ?? true),
    );
    if (!fault) return run();
    if (fault.when === 'after') {
      if (fault.commitDelayMs === undefined) await run();
      else setTimeout(() => void run(), fault.commitDelayMs).unref();
    }
    return toOutcome(fault);
  };

  const record = ({ method, at, args }: Call, outcome: Outcome) => {
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
    options.notify();
  };

  const send = (
    request: IncomingMessage,
    response: ServerResponse,
    outcome: Outcome,
    headers: Record<string, string>,
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
      date: new Date(options.now()).toUTCString(),
      ...headers,
      ...(outcome.retryAfter === undefined ? {} : { 'retry-after': String(outcome.retryAfter) }),
    });
    response.end(typeof outcome.body === 'string' ? outcome.body : JSON.stringify(outcome.body));
  };

  return {
    log,
    async serve(request, response, call, steps) {
      const outcome = await decide(call, steps);
      record(call, outcome);
      send(request, response, outcome, steps.headers?.() ?? {});
    },
  };
}
