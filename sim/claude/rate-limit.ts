/**
 * Rate limits as token buckets, which refill all the time. Source: platform.claude.com/docs, "Rate
 * limits", November 2026. Limits of the Messages API hold for each model; batches and token counts
 * have limits of their own. Acceleration limits are not simulated.
 */
import { type ApiError, makeError } from './errors.ts';
import { findModel } from './models.ts';

const MINUTE = 60_000;

class Bucket {
  readonly perMinute: number;
  #left: number;
  #at: number;

  constructor(perMinute: number, now: number) {
    this.perMinute = perMinute;
    this.#left = perMinute;
    this.#at = now;
  }

  left(now: number): number {
    const refill = ((now - this.#at) * this.perMinute) / MINUTE;
    this.#left = Math.min(this.perMinute, this.#left + Math.max(0, refill));
    this.#at = now;
    return this.#left;
  }

  has(count: number, now: number): boolean {
    // Forgives what is lost by adding fractions, so that nobody waits in vain.
    return this.left(now) > count - 1e-6;
  }

  take(count: number, now: number): void {
    this.#left = this.left(now) - count;
  }

  /** How long until this much is there, in ms; what never fits waits for a full bucket. */
  wait(count: number, now: number): number {
    const missing = Math.min(count, this.perMinute) - this.left(now);
    return Math.max(0, (missing * MINUTE) / this.perMinute);
  }
}

/** Requests alone, as for batches: 1,000 a minute at the lowest paid tier. */
export class RequestLimit {
  readonly #requests: Bucket;

  constructor(perMinute: number, now: number) {
    this.#requests = new Bucket(perMinute, now);
  }

  take(now: number): ApiError | undefined {
    if (!this.#requests.has(1, now)) {
      return refuse(this.#requests, 'requests', this.#requests.wait(1, now));
    }
    this.#requests.take(1, now);
    return undefined;
  }
}

export interface MessageRates {
  requests: number;
  /** Uncached input: what is read from the cache is free. */
  inputTokens: number;
  /** Only what is really written; `max_tokens` does not count. */
  outputTokens: number;
}

/** Per minute and model at the lowest paid tier ("Start"), read in October 2026. */
export const START_TIER: MessageRates = {
  requests: 1000,
  inputTokens: 2_000_000,
  outputTokens: 400_000,
};

/** The limits of the Messages API for one model. */
export class MessageLimit {
  readonly #requests: Bucket;
  readonly #input: Bucket;
  readonly #output: Bucket;

  constructor({ requests, inputTokens, outputTokens }: MessageRates, now: number) {
    this.#requests = new Bucket(requests, now);
    this.#input = new Bucket(inputTokens, now);
    this.#output = new Bucket(outputTokens, now);
  }

  /** Takes a request with so many input tokens, or says which limit it would exceed. */
  take(inputTokens: number, now: number): ApiError | undefined {
    const needs: [Bucket, string, number][] = [
      [this.#requests, 'requests', 1],
      [this.#input, 'input tokens', inputTokens],
      [this.#output, 'output tokens', 1],
    ];
    const exceeded = needs.find(([bucket, , count]) => !bucket.has(count, now));
    if (exceeded) {
      const wait = Math.max(...needs.map(([bucket, , count]) => bucket.wait(count, now)));
      return refuse(exceeded[0], exceeded[1], wait);
    }
    this.#requests.take(1, now);
    this.#input.take(inputTokens, now);
    return undefined;
  }

  /** May take more than there is: then the next request waits. */
  takeOutput(tokens: number, now: number): void {
    this.#output.take(tokens, now);
  }

  /** Tokens that remain are rounded to thousands; a limit resets when its bucket is full again. */
  headers(now: number): Record<string, string> {
    const lines = (unit: string, buckets: Bucket[], round: (left: number) => number) => {
      const sum = (read: (bucket: Bucket) => number) =>
        buckets.reduce((total, bucket) => total + read(bucket), 0);
      const full = Math.max(...buckets.map((bucket) => bucket.wait(bucket.perMinute, now)));
      const reset = new Date(Math.ceil((now + full) / 1000) * 1000);
      const name = `anthropic-ratelimit-${unit}`;
      return {
        [`${name}-limit`]: String(sum(({ perMinute }) => perMinute)),
        [`${name}-remaining`]: String(round(sum((bucket) => Math.max(0, bucket.left(now))))),
        [`${name}-reset`]: reset.toISOString().replace('.000Z', 'Z'),
      };
    };
    const thousands = (left: number) => Math.round(left / 1000) * 1000;
    return {
      ...lines('requests', [this.#requests], Math.floor),
      ...lines('tokens', [this.#input, this.#output], thousands),
      ...lines('input-tokens', [this.#input], thousands),
      ...lines('output-tokens', [this.#output], thousands),
    };
  }
}

/** The limits of the Messages API, for each model that is asked for. */
export class MessageLimits {
  readonly #rates: MessageRates;
  readonly #byModel = new Map<string, MessageLimit>();

  constructor(rates: MessageRates) {
    this.#rates = rates;
  }

  /** Returns undefined for a model that does not exist. */
  find(model: unknown, now: number): MessageLimit | undefined {
    const known = typeof model === 'string' ? findModel(model) : undefined;
    if (known === undefined) return undefined;
    const limit = this.#byModel.get(known.id) ?? new MessageLimit(this.#rates, now);
    this.#byModel.set(known.id, limit);
    return limit;
  }
}

function refuse({ perMinute }: Bucket, unit: string, waitMs: number): ApiError {
  const limit = perMinute.toLocaleString('en');
  return makeError(
    'rate_limit_error',
    `This request would exceed your organization's rate limit of ${limit} ${unit} per minute.`,
    { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) },
  );
}
