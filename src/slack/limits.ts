import type { Rate } from '../core/delivery/pacing.ts';

/**
 * How often each Web API method may be called: https://docs.slack.dev/apis/web-api/rate-limits,
 * read in November 2026. The documented figures are "that many or more" a minute, with short
 * bursts; staying a little below them keeps Slack from rate limiting the bot.
 */

const HEADROOM = 0.98;
const TIER = { 2: 20, 3: 50, 4: 100 } as const;

const TIER_OF: Record<string, keyof typeof TIER> = {
  'emoji.list': 2,
  'reactions.remove': 2,
  'users.list': 2,
  'reactions.add': 3,
  'chat.update': 3,
  'conversations.history': 3,
  'conversations.info': 3,
  'conversations.replies': 3,
  'users.conversations': 3,
  'conversations.open': 3,
  'chat.postEphemeral': 4,
  'conversations.members': 4,
  'users.info': 4,
  'files.completeUploadExternal': 4,
  'files.getUploadURLExternal': 4,
  'files.info': 4,
  'views.open': 4,
  'views.publish': 4,
  'views.push': 4,
  'views.update': 4,
  'auth.test': 4,
};

/** Posts have their own limit: one a second in a channel, with short bursts. */
const POSTS: Rate = { perMinute: 60 * HEADROOM, burst: 2 };

/**
 * Methods that Slack limits to one call a minute, with 15 messages each, for apps that are distributed
 * outside its Marketplace: https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps,
 * read in November 2026. A team's own app keeps its tier. No answer says which limits an app has.
 */
const SLOW_FOR_SOME = new Set(['conversations.history', 'conversations.replies']);

export const isSlowForSome = (method: string): boolean => SLOW_FOR_SOME.has(method);

/** @param scale multiplies every rate, for stand-ins whose limits are scaled the same way */
export function rateOf(method: string, scale: number): Rate {
  if (method === 'chat.postMessage') return { ...POSTS, perMinute: POSTS.perMinute * scale };
  const tier = TIER[TIER_OF[method] ?? 2];
  return { perMinute: tier * HEADROOM * scale, burst: Math.floor(tier / 10) };
}
