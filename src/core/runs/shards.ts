/**
 * Shards: the batches of one run. Each can be read when it ends, so several smaller ones show results
 * earlier than one, and a slow one delays fewer messages.
 */

/** A smaller batch would cost two calls for a few messages. */
const SHARD_LEAST = 10;

/** The first of eight ends long before a single batch would; with more, little is won. */
const SHARDS_MOST = 8;

/** Claude allows 100,000; an older specification says 10,000. */
const REQUESTS_MOST = 10_000;

/**
 * How many requests each batch of a run holds.
 * @param messages how many the run has
 */
export function shardSize(messages: number): number {
  const shards = Math.max(1, Math.min(SHARDS_MOST, Math.floor(messages / SHARD_LEAST)));
  return Math.min(Math.max(1, Math.ceil(messages / shards)), REQUESTS_MOST);
}
