import type { SlackSim } from '../sim/slack/slack-sim.ts';
import type { SimMessage } from '../sim/slack/types.ts';

/** The bot's reaction on flagged messages, in addition to the one for the category. */
export const FLAG = 'triangular_flag_on_post';

/**
 * Counts what the bot has done from its posts and reactions in the Slack stand-in, as people see them,
 * not from its database.
 */
export interface Tally {
  /** Messages that the thread links to or that have the bot's reaction. */
  collected: number;
  /** Messages that have the bot's reaction for a category or are listed as noise in the thread. */
  classified: number;
  /** The bot's reactions for categories, without 🚩. */
  reactions: number;
  digests: number;
  replies: number;
  flagged: number;
  dead: number;
  /** From the summary; null when it says that the cost is unknown. */
  costUsd: number | null;
}

export function tally(slack: SlackSim, channel: string): Tally {
  const all = slack.messages(channel);
  // Without the line of a finished run, the post is the receipt of a running one.
  const digests = listPosts(slack, channel, 'winnow_digest').filter(isSummary);
  const replies = digests.flatMap(({ ts }) => slack.thread(channel, ts).filter((p) => p.ts !== ts));
  const ofType = (type: string) => replies.filter((post) => typeOf(post) === type);
  const linked = (posts: SimMessage[]) =>
    new Set(posts.flatMap((post) => slack.links(post).flatMap(({ url }) => tsIn(url) ?? [])));

  const feedback = listFeedback(slack, channel);
  const reacted = new Set(
    feedback.filter((post) => ownReactions(slack, post).length > 0).map(({ ts }) => ts),
  );
  const noise = linked(ofType('winnow_noise'));
  const listed = linked(replies);
  return {
    collected: feedback.filter(({ ts }) => listed.has(ts) || reacted.has(ts)).length,
    classified: feedback.filter(({ ts }) => noise.has(ts) || reacted.has(ts)).length,
    reactions: all.reduce((sum, post) => sum + ownReactions(slack, post).length, 0),
    digests: digests.length,
    replies: replies.length,
    flagged: countFlagged(slack, feedback, ofType('winnow_card')),
    dead: linked(ofType('winnow_dead')).size,
    costUsd: digests.length === 0 ? 0 : sumOfCosts(digests),
  };
}

/** The messages of people and integrations, without replies and what Slack itself says. */
export const listFeedback = (slack: SlackSim, channel: string) =>
  slack
    .messages(channel)
    .filter(
      ({ bot_id, thread_ts, ts, subtype }) =>
        bot_id !== slack.botId &&
        (thread_ts ?? ts) === ts &&
        (subtype === undefined || subtype === 'bot_message'),
    );

/** Messages with the bot's 🚩, and those that had it: only these have a card. */
function countFlagged(slack: SlackSim, feedback: SimMessage[], cards: SimMessage[]): number {
  const isMarked = ({ reactions }: SimMessage) =>
    reactions.some(({ name, users }) => name === FLAG && users.includes(slack.botUserId));
  const marked = feedback.filter(isMarked).map(({ ts }) => ts);
  return new Set([...marked, ...cards.map((card) => payloadOf(card).ts ?? '')]).size;
}

const LISTS = ['winnow_category', 'winnow_noise', 'winnow_dead'];

/** The posts of the summary's lists, with their category and the ts of the listed messages. */
export const readLists = (slack: SlackSim, channel: string) =>
  LISTS.flatMap((type) =>
    listPosts(slack, channel, type).map((post) => ({
      category: payloadOf(post).category,
      listed: new Set(slack.links(post).flatMap(({ url }) => tsIn(url) ?? [])),
    })),
  );

/** What people have done, as the cards show it now. */
export interface CardTally {
  claimed: number;
  resolved: number;
  dismissed: number;
  /** Cards that say that a person set the category. */
  corrected: number;
  /** Cards that say that an act was undone. */
  undone: number;
}

export function tallyCards(slack: SlackSim, channel: string): CardTally {
  const cards = listPosts(slack, channel, 'winnow_card');
  const count = (line: string) => cards.filter((card) => says(card, line)).length;
  return {
    claimed: count('state-claimed'),
    resolved: count('state-resolved'),
    dismissed: count('state-dismissed'),
    corrected: count('category-person'),
    undone: count('taken-back'),
  };
}

/** Whether a card has a line, by its block id: its words could also occur in a quoted message. */
export const says = ({ blocks }: SimMessage, line: string) =>
  (blocks ?? []).some(({ block_id }) => block_id === line);

/** The bot's posts of a type. */
export const listPosts = (slack: SlackSim, channel: string, type: string) =>
  slack.messages(channel).filter((post) => post.bot_id === slack.botId && typeOf(post) === type);

/** The bot's reactions for categories. */
export const ownReactions = ({ botUserId }: SlackSim, { reactions }: SimMessage) =>
  reactions.filter(({ name, users }) => name !== FLAG && users.includes(botUserId));

/** The metadata of a post: ids. */
export const payloadOf = ({ metadata }: SimMessage) =>
  (metadata?.event_payload ?? {}) as { category?: string; ts?: string };

const typeOf = (post: SimMessage) => post.metadata?.event_type;

const isRunLine = ({ block_id }: { block_id?: unknown }) => block_id === 'run';
const isSummary = ({ blocks }: SimMessage) => (blocks ?? []).some(isRunLine);

/** The ts in a permalink: `…/archives/C1/p1732272000123456`. */
function tsIn(url: string): string | undefined {
  const digits = /\/archives\/\w+\/p(\d{10})(\d{6})/.exec(url);
  return digits ? `${digits[1]}.${digits[2]}` : undefined;
}

function sumOfCosts(digests: SimMessage[]): number | null {
  // Reads only this line: other text of a summary may contain a price.
  const lines = digests.flatMap(({ blocks }) => (blocks ?? []).filter(isRunLine));
  const costs = lines.map((line) => /\$([\d.]+)/.exec(JSON.stringify(line))?.[1]);
  if (costs.some((cost) => cost === undefined)) return null;
  return costs.reduce((sum, cost) => sum + Number(cost), 0);
}
