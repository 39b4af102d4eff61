// The Web API of one workspace: who calls, what they may, how often, and the method.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RateLimits } from '../rate-limits.ts';
import { ApiError } from '../types.ts';
import { type Grant, requireScope } from './access.ts';
import { readText } from './arguments.ts';
import type { CallsOptions } from './calls.ts';
import { type Call, type Calls, createCalls, refuseForNow, succeed } from './calls.ts';
import type { MethodContext } from './context.ts';
import { receiveUpload, shareDue } from './files.ts';
import { METHODS } from './methods.ts';

/** Throws what Slack answers to a token that it does not know, or not for this kind of method. */
export type Authorize = (token: string, kind: 'bot' | 'app') => Grant;

export interface WebApi {
  log: Calls['log'];
  serve(request: IncomingMessage, response: ServerResponse, call: Call): Promise<void>;
  /** Bytes for an address from files.getUploadURLExternal; faults and the log call it `upload`. */
  serveUpload(
    request: IncomingMessage,
    response: ServerResponse,
    id: string,
    body: Buffer,
  ): Promise<void>;
}

export interface WebApiOptions
  extends Omit<MethodContext, 'args' | keyof Grant>,
    Pick<CallsOptions, 'faults' | 'latencyMs' | 'onHang'> {
  authorize: Authorize;
  rateLimits: RateLimits | undefined;
}

export function createWebApi(options: WebApiOptions): WebApi {
  const { world, rateLimits } = options;
  const { faults, latencyMs, onHang } = options;
  const calls = createCalls({
    faults,
    latencyMs,
    onHang,
    now: () => world.now(),
    notify: () => world.notify(),
  });
  return {
    log: calls.log,
    serve(request, response, call) {
      const { args } = call;
      const method = Object.hasOwn(METHODS, call.method) ? METHODS[call.method] : undefined;
      let grant: Grant | undefined;
      return calls.serve(request, response, call, {
        refuse() {
          shareDue(world);
          if (!method) throw new ApiError('unknown_method');
          if (call.token === undefined) throw new ApiError('not_authed');
          grant = options.authorize(call.token, method.token ?? 'bot');
          requireScope(grant, ...method.scopes);
          const shortage = rateLimits?.take(call.method, readText(args, 'channel'));
          return shortage && refuseForNow(call.method, shortage);
        },
        run() {
          if (!method || !grant) throw new Error(`${call.method} was refused before.`);
          return succeed(method.run({ ...options, ...grant, args }));
        },
        headers: () => ({
          ...(grant && { 'x-oauth-scopes': [...grant.scopes].join(',') }),
          'x-accepted-oauth-scopes': (method?.scopes ?? []).join(','),
        }),
      });
    },
    serveUpload(request, response, id, body) {
      const args = { id, length: body.length };
      const call = { method: 'upload', at: Date.now(), args };
      return calls.serve(request, response, call, {
        async run() {
          const type = request.headers['content-type'];
          const taken = await receiveUpload(world, id, body, type);
          return {
            status: taken ? 200 : 400,
            body: taken ? `OK - ${body.length}` : 'bad upload',
            line: 'answer',
          };
        },
      });
    },
  };
}
