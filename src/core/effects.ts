/**
 * Effects: what the bot wants to change in Slack, as data. An effect is written to the outbox in
 * the transaction of the fact that it follows from, and delivered from there until it is done.
 */

/** What a post carries as Slack metadata: ids only, because every app in the workspace reads it. */
export interface PostMetadata {
  event_type: 'winnow_digest' | 'winnow_card' | 'winnow_category' | 'winnow_noise' | 'winnow_dead';
  event_payload: {
    /** The outbox key: by it a post is found again when the answer to it was lost. */
    key: string;
    run: number;
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
  /** `parent` is the key of the post in whose thread it goes. */
  | ({ kind: 'post'; metadata: PostMetadata; parent?: string } & Rendered)
  | { kind: 'react'; ts: string; name: string }
  | { kind: 'unreact'; ts: string; name: string }
  /** Seen by one person only. Slack keeps no trace of it that could be looked up. */
  | ({ kind: 'ephemeral'; user: string } & Rendered);

/** Lower goes first. The summary and what needs a person come before two thousand reactions. */
export const PRIORITY = {
  digest: 0,
  person: 1,
  card: 2,
  flaggedReaction: 3,
  reply: 4,
  reaction: 5,
};

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
const reactionKey = (verdict: number) => `react-v${verdict}`;

export const REACTION_LANE = 'reaction';

/** Effects of a lane are delivered one after another, lanes beside one another. */
export function laneOf({ channel, effect }: NewEffect): string {
  switch (effect.kind) {
    case 'post':
      return `post ${channel}`;
    case 'react':
    case 'unreact':
      // One lane, so that a reaction is never taken back before it was made.
      return REACTION_LANE;
    case 'ephemeral':
      return 'ephemeral';
    default:
      return effect satisfies never;
  }
}

/**
 * The reactions that a verdict asks for, given the emoji that the verdict before it has left.
 * Noise has no reaction. A category that stays the same is left alone.
 */
export function decideReactions(
  message: { channel: string; ts: string },
  verdict: { id: number; emoji: string | null; flagged: boolean },
  before: string | null,
): NewEffect[] {
  const { channel, ts } = message;
  if (before === verdict.emoji) return [];
  const effects: NewEffect[] = [];
  if (verdict.emoji) {
    effects.push({
      key: reactionKey(verdict.id),
      channel,
      priority: verdict.flagged ? PRIORITY.flaggedReaction : PRIORITY.reaction,
      effect: { kind: 'react', ts, name: verdict.emoji },
    });
  }
  if (before) {
    effects.push({
      key: `un${reactionKey(verdict.id)}`,
      channel,
      priority: PRIORITY.reaction,
      effect: { kind: 'unreact', ts, name: before },
    });
  }
  return effects;
}
