import { MINUTE_MS } from '../durations.ts';

/**
 * A token bucket as one number (the generic cell rate algorithm): the time at which the next call
 * would be due if calls came at exactly the allowed rate. Pure: the caller passes the time and waits.
 */

export interface Rate {
  perMinute: number;
  /** How many calls may be made at once after a pause. */
  burst: number;
}

export interface Bucket {
  /** When, in ms, a bucket without burst would allow the next call. */
  dueAt: number;
}

/** Reserves the next call. @returns how many ms to wait before making it */
export function reserve(bucket: Bucket, { perMinute, burst }: Rate, now: number): number {
  const interval = MINUTE_MS / perMinute;
  const at = Math.max(now, bucket.dueAt - (burst - 1) * interval);
  bucket.dueAt = Math.max(bucket.dueAt, at) + interval;
  return at - now;
}

/** Allows no call before `until` and no burst right after it, because the service said to wait. */
export function holdUntil(bucket: Bucket, { perMinute, burst }: Rate, until: number): void {
  bucket.dueAt = Math.max(bucket.dueAt, until + ((burst - 1) * MINUTE_MS) / perMinute);
}
