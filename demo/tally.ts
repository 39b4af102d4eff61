import type { SlackSim } from '../sim/slack/slack-sim.ts';
import type { SimMessage } from '../sim/slack/types.ts';

/**
 * What the bot has done, counted in the Slack stand-in: from its posts and reactions as people see
 * them, not from the bot's own database.
 */
export interface Tally {
  /** Messages of people that the thread links to or that carry the bot's reaction. */
  collected: number;
  /** Messages with the bot's reaction, or listed as noise in the thread. */
  classified: number;
  reactions: number;
  digests: number;
  replies: number;
  flagged: number;
  dead: number;
  /** As the summary says it; null when it says that it does not know. */
  costUsd: number | null;
}

export function tally(slack: SlackSim, channel: string): Tally {
  const all = slack.messages(channel);
  const isOwn = ({ bot_id }: SimMessage) => bot_id === slack.botId;
  const digests = all.filter((post) => isOwn(post) && typeOf(post) === 'winnow_digest');
  const replies = digests.flatMap(({ ts }) => slack.thread(channel, ts).filter((p) => p.ts !== ts));
  const ofType = (type: string) => replies.filter((post) => typeOf(post) === type);
  const linked = (posts: SimMessage[]) =>
    new Set(posts.flatMap((post) => slack.links(post).flatMap(({ url }) => tsIn(url) ?? [])));

  const feedback = all.filter((post) => !isOwn(post) && !post.thread_ts && !post.subtype);
  const reacted = new Set(
    feedback
      .filter(({ reactions }) => reactions.some(({ users }) => users.includes(slack.botUserId)))
      .map(({ ts }) => ts),
  );
  const noise = linked(ofType('winnow_noise'));
  const told = linked(replies);
  return {
    collected: feedback.filter(({ ts }) => told.has(ts) || reacted.has(ts)).length,
    classified: feedback.filter(({ ts }) => noise.has(ts) || reacted.has(ts)).length,
    reactions: all.reduce(
      (sum, { reactions }) =>
        sum + reactions.filter(({ users }) => users.includes(slack.botUserId)).length,
      0,
    ),
    digests: digests.length,
    replies: replies.length,
    flagged: ofType('winnow_card').length,
    dead: linked(ofType('winnow_dead')).size,
    costUsd: digests.length === 0 ? 0 : sumOfCosts(digests),
  };
}

const typeOf = (post: SimMessage) => post.metadata?.event_type;

/** The ts in a permalink: `…/archives/C1/p1732272000123456`. */
function tsIn(url: string): string | undefined {
  const digits = /\/archives\/\w+\/p(\d{10})(\d{6})/.exec(url);
  return digits ? `${digits[1]}.${digits[2]}` : undefined;
}

function sumOfCosts(digests: SimMessage[]): number | null {
  const costs = digests.map((digest) => /\$([\d.]+)/.exec(JSON.stringify(digest.blocks))?.[1]);
  if (costs.some((cost) => cost === undefined)) return null;
  return costs.reduce((sum, cost) => sum + Number(cost), 0);
}
