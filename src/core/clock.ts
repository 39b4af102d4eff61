/** The clock is passed in, so that tests control it. Only start.ts and jobs/loop.ts use the system's. */
export interface Clock {
  /** ms since 1970 */
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
