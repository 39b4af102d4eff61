/** Time as everything but main.ts and jobs/loop.ts knows it: handed in, so that tests own it. */
export interface Clock {
  /** ms since 1970 */
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
