/** A token bucket of requests; the lowest paid tier allows 1,000 per minute in each pool. */
import { type ApiError, makeError } from './errors.ts';

export class RequestLimit {
  readonly #perMinute: number;
  #left: number;
  #at: number;

  constructor(perMinute: number, now: number) {
    this.#perMinute = perMinute;
    this.#left = perMinute;
    this.#at = now;
  }

  take(now: number): ApiError | undefined {
    const refill = ((now - this.#at) * this.#perMinute) / 60_000;
    this.#left = Math.min(this.#perMinute, this.#left + Math.max(0, refill));
    this.#at = now;
    if (this.#left >= 1) {
      this.#left -= 1;
      return undefined;
    }
    const seconds = Math.max(1, Math.ceil((1 - this.#left) * (60 / this.#perMinute)));
    return makeError(
      'rate_limit_error',
      `This request would exceed your organization's rate limit of ${this.#perMinute} requests per minute.`,
      { 'retry-after': String(seconds) },
    );
  }
}
