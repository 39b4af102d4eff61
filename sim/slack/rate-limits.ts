// Slack's published limits (docs.slack.dev/apis/web-api/rate-limits, 2026-11) as token buckets: calls
// per minute for each method, and for chat.postMessage also one call per second in each channel.
import { performance } from 'node:perf_hooks';

const TIERS: Record<string, number> = {
  'apps.connections.open': 20,
  'auth.test': 600,
  'bots.info': 50,
  'chat.delete': 50,
  'chat.getPermalink': 600,
  'chat.postEphemeral': 100,
  'chat.postMessage': 300,
  'chat.update': 50,
  'conversations.history': 50,
  'conversations.info': 50,
  'conversations.join': 50,
  'conversations.list': 20,
  'conversations.members': 100,
  'conversations.open': 50,
  'conversations.replies': 50,
  'emoji.list': 20,
  'oauth.v2.access': 600,
  'files.completeUploadExternal': 100,
  'files.getUploadURLExternal': 100,
  'files.info': 100,
  'reactions.add': 50,
  'reactions.get': 50,
  'reactions.list': 20,
  'reactions.remove': 20,
  'team.info': 50,
  'users.conversations': 50,
  'users.info': 100,
  'users.list': 20,
  'views.open': 100,
  'views.publish': 100,
  'views.push': 100,
  'views.update': 100,
};

/** Apps that are distributed outside the Marketplace may read history once a minute, without bursts. */
const UNLISTED_TIERS: Record<string, number> = {
  'conversations.history': 1,
  'conversations.replies': 1,
};

const CHANNEL_POSTS_A_MINUTE = 60;
const CHANNEL_POST_BURST = 4;

interface Bucket {
  tokens: number;
  at: number;
  readonly aMinute: number;
  readonly burst: number;
}

/** A limit that has no call left: the method's in the whole workspace, or a channel's. */
export interface Shortage {
  of: 'workspace' | 'channel';
  /** Whole seconds to wait. */
  seconds: number;
}

export interface RateLimits {
  /** Takes one call. Returns what is short when no call is left, else undefined. */
  take(method: string, channel?: string): Shortage | undefined;
  /** How many calls of its `burst` each used method has `left`, the most used first. */
  levels(): { method: string; left: number; burst: number; aMinute: number }[];
}

/**
 * `scale` multiplies the rates, not the bursts. The clock must be monotonic, in milliseconds.
 * `unlisted`: the limits of an app that is distributed outside the Marketplace.
 */
export function createRateLimits(
  scale: number,
  now: () => number = () => performance.now(),
  unlisted = false,
): RateLimits {
  const buckets = new Map<string, Bucket>();
  const secondsShort = (key: string, aMinute: number, burst: number): number => {
    const at = now();
    const perMs = (aMinute * scale) / 60_000;
    const bucket = buckets.get(key) ?? { tokens: burst, at, aMinute, burst };
    refill(bucket, at);
    buckets.set(key, bucket);
    return bucket.tokens >= 1 ? 0 : (1 - bucket.tokens) / perMs / 1000;
  };
  const refill = (bucket: Bucket, at: number) => {
    const perMs = (bucket.aMinute * scale) / 60_000;
    bucket.tokens = Math.min(bucket.burst, bucket.tokens + (at - bucket.at) * perMs);
    bucket.at = at;
  };
  const spend = (key: string) => {
    const bucket = buckets.get(key);
    if (bucket) bucket.tokens -= 1;
  };
  return {
    take(method, channel) {
      const tier = (unlisted ? UNLISTED_TIERS[method] : undefined) ?? TIERS[method] ?? 50;
      const keys = [method];
      const ofAll = secondsShort(method, tier, Math.max(1, Math.floor(tier / 5)));
      let ofChannel = 0;
      if (method === 'chat.postMessage' && channel !== undefined) {
        const key = `${method} ${channel}`;
        keys.push(key);
        ofChannel = secondsShort(key, CHANNEL_POSTS_A_MINUTE, CHANNEL_POST_BURST);
      }
      const short = Math.max(ofAll, ofChannel);
      if (short > 0) {
        const of = ofChannel > 0 ? 'channel' : 'workspace';
        return { of, seconds: Math.max(1, Math.ceil(short)) };
      }
      for (const key of keys) spend(key);
      return undefined;
    },
    levels() {
      const at = now();
      return [...buckets]
        .map(([method, bucket]) => {
          refill(bucket, at);
          const left = Math.floor(bucket.tokens);
          return { method, left, burst: bucket.burst, aMinute: Math.round(bucket.aMinute * scale) };
        })
        .sort((a, b) => a.left / a.burst - b.left / b.burst || a.method.localeCompare(b.method));
    },
  };
}
