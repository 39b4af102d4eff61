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
import { backoffMs } from '../core/delivery/backoff.ts';
import {
  type LearnedPace,
  learnAccepted,
  learnedRate,
  learnRefused,
  unknownPace,
} from '../core/delivery/learned-pace.ts';
import { type Bucket, holdUntil, reserve } from '../core/delivery/pacing.ts';
import { isSlackError } from '../core/delivery/slack-errors.ts';
import { MINUTE_MS } from '../core/durations.ts';
import { findErrorCode } from '../core/error-code.ts';
import { createSteadyTime } from '../core/steady-time.ts';
import { isSlowForSome, rateOf } from './limits.ts';

/**
 * Makes all calls to Slack, paced by method and never retried. The caller, which has the call's row
 * in the database, decides what to do after a failure.
 */

export type Answer<T> =
  | { kind: 'ok'; value: T }
  /** Slack refused, and did nothing. */
  | { kind: 'refused'; error: string }
  | { kind: 'limited'; until: number }
  /** The call never left or never arrived: it is safe to send again. */
  | { kind: 'unsent'; reason: string }
  /** Slack may have done it: look before sending again. */
  | { kind: 'unclear'; reason: string };

export interface Slack {
  /**
   * Calls a Web API method as soon as its rate limit allows.
   * @param schema the expected answer; any other answer is `unclear`
   * @param queue calls of the same method and queue share a limit (posts: one queue a channel)
   */
  call<T>(
    method: string,
    args: Record<string, unknown>,
    schema: z.ZodType<T>,
    queue?: string,
  ): Promise<Answer<T>>;
}

export interface SlackSettings {
  /** A token, or what gives the token of now. */
  token: string | (() => Promise<string>);
  /** Slack's Web API address with its `/api/`. */
  apiUrl: string;
  rateScale: number;
  logger: NonNullable<WebClientOptions['logger']>;
  /** How requests are made; default the global one. */
  fetch?: typeof globalThis.fetch;
  /** Once it aborts, a call that would have to wait is not made: it is `unsent`. */
  stopping?: AbortSignal;
  /** Is told of each call once it has ended. */
  observe?: ((call: ObservedCall) => void) | undefined;
}

/** One call to Slack, as an operator counts it. */
export interface ObservedCall {
  method: string;
  outcome: Answer<unknown>['kind'];
  ms: number;
}

/** Why a call was not made any more. */
export const STOPPING = 'Winnow stops';

/** The wait after a 429 that names no time, and after the error `ratelimited`. */
const UNKNOWN_LIMIT_MS = 30_000;

export function createSlack(
  { token, apiUrl, rateScale, logger, fetch, stopping, observe }: SlackSettings,
  clock: Clock,
): Slack {
  const client = new WebClient(undefined, {
    slackApiUrl: apiUrl,
    timeout: 15_000,
    ...(fetch && { fetch }),
    // The outbox and the jobs retry; a second layer here would post twice after a lost answer.
    retryConfig: { retries: 0 },
    // Without this, one 429 pauses every method of the client.
    rejectRateLimitedCalls: true,
    logger,
  });
  // A clock that is set back must not hold up the calls.
  const time = createSteadyTime(() => clock.now());
  const buckets = new Map<string, Bucket>();
  const heldUntil = new Map<string, number>();
  const failures = new Map<string, number>();
  const paces = new Map<string, LearnedPace>();
  /** @returns false when it was cut short, because Winnow stops */
  const wait = async (ms: number) => {
    if (ms <= 0) return true;
    await clock.sleep(ms, stopping);
    return !stopping?.aborted;
  };
  const callObserved = async <T>(
    method: string,
    args: Record<string, unknown>,
    schema: z.ZodType<T>,
  ): Promise<Answer<T>> => {
    const startedAt = time();
    const call = async () =>
      client.apiCall(method, { ...args, token: typeof token === 'string' ? token : await token() });
    const answer = await callOnce(call, schema, clock);
    observe?.({ method, outcome: answer.kind, ms: time() - startedAt });
    return answer;
  };

  return {
    async call(method, args, schema, queue = '') {
      const name = `${method} ${queue}`;
      const pace = paces.get(name) ?? unknownPace();
      if (isSlowForSome(method)) paces.set(name, pace);
      const rate = () => learnedRate(pace, rateOf(method, rateScale), time());
      const bucket = buckets.get(name) ?? { dueAt: 0 };
      buckets.set(name, bucket);
      // A trigger expires within three seconds: its call is made at once, or not at all.
      if ('trigger_id' in args) return callObserved(method, args, schema);
      const isDue = await wait(reserve(bucket, rate(), time()));
      // During the wait, another call of the queue may have been rate limited or have failed.
      if (!isDue || !(await wait((heldUntil.get(name) ?? 0) - time()))) {
        return { kind: 'unsent', reason: STOPPING };
      }
      const startedAt = time();
      const answer = await callObserved(method, args, schema);
      // Count concurrent calls that fail together as one failure.
      if (isOutage(answer) && startedAt >= (heldUntil.get(name) ?? 0)) {
        const inARow = (failures.get(name) ?? 0) + 1;
        failures.set(name, inARow);
        heldUntil.set(name, time() + backoffMs(inARow, OUTAGE));
      } else if (!isOutage(answer)) {
        failures.delete(name);
      }
      if (answer.kind === 'limited') {
        const until = time() + (answer.until - clock.now());
        if (learnRefused(pace, until, time())) {
          logger.error(`${method}: Slack accepts about one call a minute; reading takes longer`);
        }
        holdUntil(bucket, rate(), until);
        heldUntil.set(name, until);
      } else if (answer.kind === 'ok') learnAccepted(pace, startedAt);
      return answer;
    },
  };
}

/** Slack, or a proxy before it, does not work: the next call of the method backs off. */
const isOutage = ({ kind }: Answer<unknown>) => kind === 'unsent' || kind === 'unclear';

/** The first failure waits 1 s. */
const OUTAGE = { firstMs: 500, mostMs: MINUTE_MS };

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

function readFailure(error: unknown, now: number): Exclude<Answer<never>, { kind: 'ok' }> {
  if (error instanceof WebAPIRateLimitedError) {
    return { kind: 'limited', until: now + error.retryAfter * 1000 };
  }
  if (error instanceof WebAPIPlatformError) {
    const code = error.data.error;
    if (code === 'ratelimited') return { kind: 'limited', until: now + UNKNOWN_LIMIT_MS };
    // For an answer that is not JSON, the client throws an error with the whole body as its code.
    if (isSlackError(code, 'unclear') || !/^[a-z0-9_.]{1,80}$/.test(code)) {
      return { kind: 'unclear', reason: code.slice(0, 80) };
    }
    return { kind: 'refused', error: code };
  }
  if (error instanceof WebAPIHTTPError) {
    const reason = `HTTP ${error.statusCode}`;
    // Slack itself refuses with a 200. Any other status is a proxy's: the call did not reach Slack.
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
  // When the body breaks off, fetch throws a bare TypeError.
  if (error instanceof TypeError && error.message === 'terminated') {
    return { kind: 'unclear', reason: 'the answer broke off' };
  }
  throw error;
}

/** Says what went wrong, for logs and for people. */
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
