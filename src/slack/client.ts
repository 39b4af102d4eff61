import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
  type WebClientOptions,
} from '@slack/web-api';
import type { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import { type Bucket, holdUntil, reserve } from '../core/delivery/pacing.ts';
import { findErrorCode } from '../core/error-code.ts';
import { rateOf } from './limits.ts';

/**
 * Outgoing Slack: every call goes through here, paced by method and never retried. What becomes of
 * a call that did not succeed is decided by the caller, who has its row in the database.
 */

export type Answer<T> =
  | { kind: 'ok'; value: T }
  /** Slack has said no, and nothing was done. */
  | { kind: 'refused'; error: string }
  | { kind: 'limited'; until: number }
  /** It never left, or never arrived: safe to send again. */
  | { kind: 'unsent'; reason: string }
  /** It may have been done: look before sending again. */
  | { kind: 'unclear'; reason: string };

export interface Slack {
  /**
   * Calls a Web API method when its limit allows.
   * @param schema what the answer must look like; one that does not is `unclear`
   * @param queue calls of one queue share a limit (posts: one queue a channel)
   */
  call<T>(
    method: string,
    args: Record<string, unknown>,
    schema: z.ZodType<T>,
    queue?: string,
  ): Promise<Answer<T>>;
}

export interface SlackSettings {
  token: string;
  /** Slack's Web API address with its `/api/`. */
  apiUrl: string;
  rateScale: number;
  logger: NonNullable<WebClientOptions['logger']>;
  /** How requests are made; default the global one. */
  fetch?: typeof globalThis.fetch;
}

/** After a 429 without a time to wait, and after an answer that calls itself rate limited. */
const UNKNOWN_LIMIT_MS = 30_000;

export function createSlack(
  { token, apiUrl, rateScale, logger, fetch }: SlackSettings,
  clock: Clock,
): Slack {
  const client = new WebClient(token, {
    slackApiUrl: apiUrl,
    timeout: 15_000,
    ...(fetch && { fetch }),
    // The outbox and the jobs retry; a second layer here would post twice after a lost answer.
    retryConfig: { retries: 0 },
    // Without this, one 429 pauses every method of the client.
    rejectRateLimitedCalls: true,
    logger,
  });
  const buckets = new Map<string, Bucket>();
  const heldUntil = new Map<string, number>();
  const failures = new Map<string, number>();

  return {
    async call(method, args, schema, queue = '') {
      const rate = rateOf(method, rateScale);
      const name = `${method} ${queue}`;
      const bucket = buckets.get(name) ?? { dueAt: 0 };
      buckets.set(name, bucket);
      const wait = reserve(bucket, rate, clock.now());
      if (wait > 0) await clock.sleep(wait);
      // While it waited for its turn, another call of the queue may have been told to wait longer,
      // or have found that nobody answers.
      const hold = (heldUntil.get(name) ?? 0) - clock.now();
      if (hold > 0) await clock.sleep(hold);
      const begunAt = clock.now();
      const answer = await callOnce(() => client.apiCall(method, args), schema, clock);
      // Calls that were on their way together fail as one.
      if (isOutage(answer) && begunAt >= (heldUntil.get(name) ?? 0)) {
        const inARow = (failures.get(name) ?? 0) + 1;
        failures.set(name, inARow);
        heldUntil.set(name, clock.now() + outageMs(inARow));
      } else if (!isOutage(answer)) {
        failures.delete(name);
      }
      if (answer.kind === 'limited') {
        holdUntil(bucket, rate, answer.until);
        heldUntil.set(name, answer.until);
      }
      return answer;
    },
  };
}

/** Slack, or what stands before it, does not do its work: the next call of the method may as well wait. */
const isOutage = ({ kind }: Answer<unknown>) => kind === 'unsent' || kind === 'unclear';

/** 1 s, 2 s, 4 s … 1 min. */
const outageMs = (failures: number) => Math.min(60_000, 500 * 2 ** failures);

async function callOnce<T>(
  work: () => Promise<unknown>,
  schema: z.ZodType<T>,
  clock: Clock,
): Promise<Answer<T>> {
  try {
    const answer = schema.safeParse(await work());
    if (answer.success) return { kind: 'ok', value: answer.data };
    return { kind: 'unclear', reason: 'answered in an unknown form' };
  } catch (error) {
    return readFailure(error, clock.now());
  }
}

/** Errors of connections that were never made. */
const UNSENT_CODES = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Slack says of these that some of the work may have been done before the error. */
const UNCLEAR_ERRORS = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
]);

function readFailure(error: unknown, now: number): Exclude<Answer<never>, { kind: 'ok' }> {
  if (error instanceof WebAPIRateLimitedError) {
    return { kind: 'limited', until: now + error.retryAfter * 1000 };
  }
  if (error instanceof WebAPIPlatformError) {
    const code = error.data.error;
    if (code === 'ratelimited') return { kind: 'limited', until: now + UNKNOWN_LIMIT_MS };
    // An answer that is not JSON comes as an error with the whole body as its code.
    if (UNCLEAR_ERRORS.has(code) || !/^[a-z0-9_.]{1,80}$/.test(code)) {
      return { kind: 'unclear', reason: code.slice(0, 80) };
    }
    return { kind: 'refused', error: code };
  }
  if (error instanceof WebAPIHTTPError) {
    const reason = `HTTP ${error.statusCode}`;
    // Slack's own refusals are answers of 200: anything else is a proxy's, and did not get to Slack.
    return {
      kind: error.statusCode < 500 && error.statusCode !== 408 ? 'unsent' : 'unclear',
      reason,
    };
  }
  if (error instanceof WebAPIRequestError) {
    const code = findErrorCode(error.original);
    if (code && UNSENT_CODES.has(code)) return { kind: 'unsent', reason: code };
    return { kind: 'unclear', reason: code ?? error.original.message };
  }
  if (error instanceof Error && error.message.startsWith('Retry header')) {
    return { kind: 'limited', until: now + UNKNOWN_LIMIT_MS };
  }
  // A body that breaks off is a raw TypeError of fetch's.
  if (error instanceof TypeError && error.message === 'terminated') {
    return { kind: 'unclear', reason: 'the answer broke off' };
  }
  throw error;
}

/** An answer's trouble in words, for logs and for people. */
export function describeFailure(answer: Exclude<Answer<unknown>, { kind: 'ok' }>): string {
  switch (answer.kind) {
    case 'refused':
      return answer.error;
    case 'limited':
      return 'rate limited';
    case 'unsent':
    case 'unclear':
      return answer.reason;
    default:
      return answer satisfies never;
  }
}
