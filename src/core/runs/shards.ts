/**
 * Shards: the batches of one run. Each can be read when it ends, so several smaller ones show results
 * earlier than one, and a slow one delays fewer messages.
 */

/**
 * A batch of fewer than `least` messages would cost two calls for a few of them. The first of `most` ends
 * long before a single batch would; with more, little is won.
 */
export const SHARDS = { least: 10, most: 8 };

/** Claude allows 100,000; an older specification says 10,000. */
const REQUESTS_MOST = 10_000;

/**
 * How many requests each batch of a run holds.
 * @param messages how many the run has
 */
export function shardSize(messages: number): number {
  const shards = Math.max(1, Math.min(SHARDS.most, Math.floor(messages / SHARDS.least)));
  return Math.min(Math.max(1, Math.ceil(messages / shards)), REQUESTS_MOST);
}
