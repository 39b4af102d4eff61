import type { Span } from '../since.ts';

/**
 * Effects: what the bot wants to change in Slack, as data. An effect is written to the outbox in
 * the transaction of the fact that it follows from, and delivered from there until it is done.
 */

/** What a post carries as Slack metadata: ids only, because every app in the workspace reads it. */
export interface PostMetadata {
  event_type:
    | 'winnow_digest'
    | 'winnow_card'
    | 'winnow_category'
    | 'winnow_noise'
    | 'winnow_dead'
    | 'winnow_themes'
    | 'winnow_reminder'
    | 'winnow_thanks';
  event_payload: {
    /** The outbox key: by it a post is found again when the answer to it was lost. */
    key: string;
    run?: number;
    /** The category of a list, or the message of a card. */
    category?: string;
    channel?: string;
    ts?: string;
  };
}

/** What people see of a post. `text` is for notifications and screen readers, always there. */
export interface Rendered {
  text: string;
  blocks: object[];
}

export type Effect =
  /** `parent` is the key of the post in whose thread it goes; `threadTs` that of somebody else's. */
  | ({ kind: 'post'; metadata: PostMetadata; parent?: string; threadTs?: string } & Rendered)
  /** A post is to look as its own effect says by now: what it says is read when it is delivered. */
  | { kind: 'update'; post: string }
  | { kind: 'react'; ts: string; name: string }
  | { kind: 'unreact'; ts: string; name: string }
  /** Seen by one person only. Slack keeps no trace of it that could be looked up. */
  | ({ kind: 'ephemeral'; user: string } & Rendered)
  /** The summary of a time, for one person only: counted when it is delivered, in their zone and language. */
  | { kind: 'summary'; user: string; span: Span; timeZone: string; locale: string };

/** Lower goes first. The summary and what needs a person come before two thousand reactions. */
export const PRIORITY = {
  digest: 0,
  person: 1,
  card: 2,
  flaggedReaction: 3,
  reply: 4,
  reaction: 5,
};

/** How long changes of a post are gathered before it is updated, in ms. */
export const MERGE_MS = { card: 0, receipt: 1_000, digest: 3_000 };

export interface NewEffect {
  /** Unique for ever: writing the same effect twice is writing it once. */
  key: string;
  channel: string;
  priority: number;
  effect: Effect;
}

export const digestKey = (run: number) => `digest-r${run}`;
export const cardKey = (run: number, ts: string) => `card-r${run}-${ts}`;
export const listKey = (run: number, list: string, part: number) => `list-r${run}-${list}-${part}`;
/** Not a list's: a category may be called `dead`. */
export const deadKey = (run: number, part: number) => `dead-r${run}-${part}`;
/** The first posts of lists, and that of the themes: the parent leads to them. */
export const isLedTo = (key: string) => /^(themes-r\d+|(list|dead)-.*-1)$/.test(key);
/** The themes of a run's digest, in its thread. */
export const themesKey = (run: number) => `themes-r${run}`;
export const reminderKey = (channel: string, ts: string) => `remind-${channel}-${ts}`;
export const thanksKey = (channel: string, ts: string) => `thanks-${channel}-${ts}`;

export const REACTION_LANE = 'reaction';

/** Effects of a lane are delivered one after another, lanes beside one another. */
export function laneOf({ channel, effect }: NewEffect): string {
  switch (effect.kind) {
    case 'post':
      return `post ${channel}`;
    case 'update':
      // Beside the posts: a claimed card does not wait for a summary of a hundred posts.
      return `update ${channel}`;
    case 'react':
    case 'unreact':
      // One lane, so that a reaction is never taken back before it was made.
      return REACTION_LANE;
    case 'ephemeral':
      return 'ephemeral';
    case 'summary':
      // In a lane of their own: to count a long time takes a while.
      return 'summary';
    default:
      return effect satisfies never;
  }
}

/** A change of the bot's own reactions on a message. */
export interface ReactionChange {
  channel: string;
  ts: string;
  /** Unique for ever: the verdict (`v12`) or the act (`a7`) that it follows from. */
  cause: string;
  before: string | null;
  after: string | null;
  /** Of a message that needs a person: sooner than the others. */
  flagged: boolean;
}

/** Swaps one reaction for another, or none. Noise has none; what stays the same is left alone. */
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
