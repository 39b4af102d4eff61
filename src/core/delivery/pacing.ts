import { MINUTE_MS } from '../durations.ts';
/**
 * A token bucket as one number (the generic cell rate algorithm): when the next call would be due
 * if calls came at exactly the allowed rate. Pure: the caller brings the time and does the waiting.
 */

export interface Rate {
  perMinute: number;
  /** How many calls may come at once after a quiet time. */
  burst: number;
}

export interface Bucket {
  /** ms since 1970 at which a bucket without burst would allow the next call. */
  dueAt: number;
}

/** Takes a place in the queue; returns how many ms to wait before the call. */
export function reserve(bucket: Bucket, { perMinute, burst }: Rate, now: number): number {
  const interval = MINUTE_MS / perMinute;
  const at = Math.max(now, bucket.dueAt - (burst - 1) * interval);
  bucket.dueAt = Math.max(bucket.dueAt, at) + interval;
  return at - now;
}

/** The service said to wait: no call before `until`, and no burst after it. */
export function holdUntil(bucket: Bucket, { perMinute, burst }: Rate, until: number): void {
  bucket.dueAt = Math.max(bucket.dueAt, until + ((burst - 1) * MINUTE_MS) / perMinute);
}
