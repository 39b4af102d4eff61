import type { Span } from '../since.ts';

/**
 * Effects: what the bot wants to change in Slack, as data. An effect is added to the outbox in the
 * same transaction as the fact that causes it, and is delivered from there until it is done.
 */

/** A post's Slack metadata: ids only, because every app in the workspace can read it. */
export interface PostMetadata {
  event_type:
    | 'winnow_digest'
    | 'winnow_card'
    | 'winnow_category'
    | 'winnow_noise'
    | 'winnow_dead'
    | 'winnow_themes'
    | 'winnow_chart'
    | 'winnow_more'
    | 'winnow_unsure'
    | 'winnow_week'
    | 'winnow_honesty'
    | 'winnow_figures'
    | 'winnow_budget'
    | 'winnow_reminder'
    | 'winnow_thanks'
    | 'winnow_help';
  event_payload: {
    /** The outbox key. It finds the post again when Slack's answer was lost. */
    key: string;
    run?: number;
    /** The category of a list, or the message of a card. */
    category?: string;
    channel?: string;
    ts?: string;
  };
}

/** What people see of a post. `text` is never empty: notifications and screen readers use it. */
export interface Rendered {
  text: string;
  blocks: object[];
}

export type Effect =
  /** A reply has the outbox key of the bot's own post in `parent`, or the ts of another's in `threadTs`. */
  | ({ kind: 'post'; metadata: PostMetadata; parent?: string; threadTs?: string } & Rendered)
  /**
   * Answers what a person has asked the bot, in a thread or in their direct conversation. The bot need
   * not watch the place: that Slack told of the question proves that the bot is there.
   */
  | ({ kind: 'answer'; user: string; metadata: PostMetadata; threadTs: string | null } & Rendered)
  /** Updates a post. The content is in the effect of that post, and is read upon delivery. */
  | { kind: 'update'; post: string }
  | { kind: 'react'; ts: string; name: string }
  | { kind: 'unreact'; ts: string; name: string }
  /** Seen by one person only. It cannot be looked up in Slack afterwards. */
  | ({ kind: 'ephemeral'; user: string } & Rendered)
  /** The summary of a span, for one person only. It is counted upon delivery, in their zone and language. */
  | { kind: 'summary'; user: string; span: Span; timeZone: string; locale: string };

/** Lower goes first: the summary and what needs attention come before two thousand reactions. */
export const PRIORITY = {
  digest: 0,
  person: 1,
  card: 2,
  flaggedReaction: 3,
  reply: 4,
  reaction: 5,
};

/** How long changes to a post are debounced before it is updated, in ms. */
export const MERGE_MS = { card: 0, receipt: 1_000, digest: 3_000 };

export interface NewEffect {
  /** Never reused: adding the same effect again changes nothing. */
  key: string;
  channel: string;
  priority: number;
  effect: Effect;
}

export const digestKey = (run: number) => `digest-r${run}`;
export const cardKey = (run: number, ts: string) => `card-r${run}-${ts}`;
export const listKey = (run: number, list: string, part: number) => `list-r${run}-${list}-${part}`;
/** Differs from the key of a list, because a category may be called `dead`. */
export const deadKey = (run: number, part: number) => `dead-r${run}-${part}`;
/** Whether the parent links to this post: the first post of a list, the themes, or the week. */
export const isLinkedFromParent = (key: string) =>
  /^((themes|week)-r\d+|(list|dead)-.*-1)$/.test(key);
/** The look back on the week before, in the thread of a run's digest. */
export const weekKey = (run: number) => `week-r${run}`;
/** Says in the thread of a run's digest how many messages have no card. */
export const moreKey = (run: number) => `more-r${run}`;
/** Asks in the thread of a run's digest which category is right. */
export const unsureKey = (run: number) => `unsure-r${run}`;
/** Asks in the thread of a run's digest whether verdicts are right. */
export const honestyKey = (run: number, part: number) => `honesty-r${run}-${part}`;
/** Says in the thread of a run's digest how often verdicts are right. */
export const figuresKey = (run: number) => `figures-r${run}`;
/** The chart of a run's digest, in its thread. */
export const chartKey = (run: number) => `chart-r${run}`;
/** The themes of a run's digest, in its thread. */
export const themesKey = (run: number) => `themes-r${run}`;
export const reminderKey = (channel: string, ts: string) => `remind-${channel}-${ts}`;
/** Tells a channel that its messages wait for the next month; `month` such as `2026-11`. */
export const budgetKey = (channel: string, month: string) => `budget-${channel}-${month}`;
/** Tells the person who asked for a run that its summary is held. */
export const heldKey = (run: number) => `held-r${run}`;
export const thanksKey = (channel: string, ts: string) => `thanks-${channel}-${ts}`;

/**
 * The answer to a question: one for each person in a thread, however often they ask the same.
 * @param thread the ts of the thread that the answer goes into, or would go into
 */
export const answerKey = (about: {
  channel: string;
  thread: string;
  user: string;
  topic: string;
}) => `help-${about.channel}-${about.thread}-${about.user}-${about.topic}`;

export const REACTION_LANE = 'reaction';

const ANSWER_LANE = 'answer ';

/** Whether a lane's effects are delivered wherever the bot is asked, not only in watched channels. */
export const isAnswerLane = (lane: string) => lane.startsWith(ANSWER_LANE);

const POST_LANE = 'post ';

/** The channel of a lane of posts; null for other lanes. */
export const channelOfPosts = (lane: string): string | null =>
  lane.startsWith(POST_LANE) ? lane.slice(POST_LANE.length) : null;

/** Effects in one lane are delivered one after another; lanes run in parallel. */
export function laneOf({ channel, effect }: NewEffect): string {
  switch (effect.kind) {
    case 'post':
      return `${POST_LANE}${channel}`;
    case 'update':
      // Not in the lane of posts: a claimed card must not wait for a summary of a hundred posts.
      return `update ${channel}`;
    case 'react':
    case 'unreact':
      // One lane, so that a reaction is never removed before it is added.
      return REACTION_LANE;
    case 'answer':
      // Somebody waits for it: not in the lane of posts.
      return `${ANSWER_LANE}${channel}`;
    case 'ephemeral':
      return 'ephemeral';
    case 'summary':
      // A lane of its own, because counting a long span takes a while.
      return 'summary';
    default:
      return effect satisfies never;
  }
}

/** What Slack has to allow in the channel for an effect; null: it can be said elsewhere. */
export function needOf(effect: Effect): 'post' | 'reply' | 'update' | 'reaction' | null {
  switch (effect.kind) {
    case 'post':
      return effect.parent || effect.threadTs ? 'reply' : 'post';
    case 'update':
      return 'update';
    case 'react':
    case 'unreact':
      return 'reaction';
    case 'answer':
    case 'ephemeral':
    case 'summary':
      return null;
    default:
      return effect satisfies never;
  }
}

/** A change of the bot's own reaction on a message. */
export interface ReactionChange {
  channel: string;
  ts: string;
  /** The verdict (`v12`) or the act (`a7`) that causes it; never reused. */
  cause: string;
  before: string | null;
  after: string | null;
  /** The message needs attention: its reactions go first. */
  flagged: boolean;
}

/** Swaps one reaction for another, or for none (noise). Does nothing when both are the same. */
export function decideReactions(change: ReactionChange): NewEffect[] {
  const { channel, ts, cause, before, after, flagged } = change;
  if (before === after) return [];
  const effects: NewEffect[] = [];
  if (after) {
    effects.push({
      key: `react-${cause}`,
      channel,
      priority: flagged ? PRIORITY.flaggedReaction : PRIORITY.reaction,
      effect: { kind: 'react', ts, name: after },
    });
  }
  if (before) {
    effects.push({
      key: `unreact-${cause}`,
      channel,
      priority: flagged ? PRIORITY.flaggedReaction : PRIORITY.reaction,
      effect: { kind: 'unreact', ts, name: before },
    });
  }
  return effects;
}
