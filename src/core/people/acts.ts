import type { Taxonomy } from '../runs/taxonomy.ts';
import { canonicalEmoji } from './emoji.ts';

/**
 * What people do with a message: claim, resolve, dismiss, flag, correct or confirm it, and take that
 * back. How a message stands follows from the acts on it that were not taken back: the last one
 * counts, so taking one back uncovers the one before it.
 */

export const FLAG_STATES = ['open', 'claimed', 'resolved', 'dismissed', 'withdrawn'] as const;
/** `withdrawn`: nothing asks for a person any more (an edit, a correction taken back, a deletion). */
export type FlagState = (typeof FLAG_STATES)[number];

/** Whether somebody still has to do something about it. */
export const isOpen = (state: FlagState) => state === 'open' || state === 'claimed';

export type ActKind =
  | 'claim'
  | 'resolve'
  | 'dismiss'
  /** By a person instead of a rule; of noise it is a rescue. */
  | 'flag'
  | 'correct'
  /** The category that it has is right. */
  | 'confirm'
  /** A message that would not have been collected. */
  | 'add'
  | 'undo';

export type ActSource = 'reaction' | 'button' | 'shortcut';

/** Acts that a message's standpoint follows from. */
export type StandingKind = Exclude<ActKind, 'add' | 'undo'>;

/**
 * Why an act was not taken. `moot`: it would change nothing, and nobody waits for an answer (a bot's
 * reaction; a taking back of what was never taken).
 */
export type Refusal = 'guest' | 'outside' | 'deleted' | 'moot';

/** An act that was taken and not taken back. */
export interface StandingAct {
  id: number;
  user: string;
  kind: StandingKind;
  category: string | null;
  /** ms since 1970 */
  at: number;
}

/** What the emoji of people mean: settings. */
export interface PeopleEmoji {
  claim: string;
  resolve: string;
  dismiss: string;
  confirm: string;
  /** The bot's own, and a person's who flags a message by it. */
  flag: string;
}

export const DEFAULT_EMOJI: PeopleEmoji = {
  claim: 'eyes',
  resolve: 'white_check_mark',
  dismiss: 'no_good',
  confirm: '+1',
  flag: 'triangular_flag_on_post',
};

/** What a person's reaction asks for, or undefined: most reactions are none of ours. */
export function interpretReaction(
  name: string,
  emoji: PeopleEmoji,
  taxonomy: Taxonomy,
): { kind: StandingKind; category: string | null } | undefined {
  const reaction = canonicalEmoji(name);
  for (const kind of ['claim', 'resolve', 'dismiss', 'confirm', 'flag'] as const) {
    if (canonicalEmoji(emoji[kind]) === reaction) return { kind, category: null };
  }
  const category = taxonomy.categories.find(
    (candidate) => candidate.emoji && canonicalEmoji(candidate.emoji) === reaction,
  );
  return category && { kind: 'correct', category: category.key };
}

export interface Standing {
  state: Exclude<FlagState, 'withdrawn'>;
  by: string | null;
  /** When it came to that; null when nobody has done anything. */
  at: number | null;
  /** Somebody has flagged it who is not the bot. */
  flaggedBy: string | null;
  /** The category that a person gave it, and who. */
  correction: { category: string; user: string; act: number } | null;
}

/**
 * How a message stands by what people have done to it.
 * @param acts standing ones, in their order
 */
export function standingOf(acts: StandingAct[], taxonomy: Taxonomy): Standing {
  const last = lastStateAct(acts, taxonomy);
  const flagging = acts.findLast(({ kind }) => kind === 'flag');
  const correcting = lastCorrection(acts);
  return {
    ...stateAfter(last),
    flaggedBy: flagging?.user ?? null,
    correction: correcting?.category
      ? { category: correcting.category, user: correcting.user, act: correcting.id }
      : null,
  };
}

/**
 * The act that the state of a flag follows from: the last one that is no word on the category.
 * Whoever says that it is noise, though, has dismissed it, unless somebody says otherwise later.
 */
export function lastStateAct(acts: StandingAct[], taxonomy: Taxonomy): StandingAct | undefined {
  // Of a category that is there no more nobody knows whether it was noise: better shown than hidden.
  const isNoise = (key: string | null | undefined) =>
    taxonomy.categories.some((category) => category.key === key && !category.emoji);
  const stillNoise = isNoise(lastCorrection(acts)?.category);
  return acts.findLast(({ kind, category }) => {
    if (kind === 'correct') return stillNoise && isNoise(category);
    return kind !== 'confirm';
  });
}

/** The act that the category follows from. Who confirmed it before there was one has said nothing. */
const lastCorrection = (acts: StandingAct[]) =>
  acts.findLast(
    ({ kind, category }) => (kind === 'correct' || kind === 'confirm') && category !== null,
  );

function stateAfter(act: StandingAct | undefined): Pick<Standing, 'state' | 'by' | 'at'> {
  if (!act) return { state: 'open', by: null, at: null };
  const { user: by, at } = act;
  switch (act.kind) {
    case 'claim':
      return { state: 'claimed', by, at };
    case 'resolve':
      return { state: 'resolved', by, at };
    case 'dismiss':
    case 'correct':
      return { state: 'dismissed', by, at };
    case 'flag':
    case 'confirm':
      return { state: 'open', by: null, at };
    default:
      return act.kind satisfies never;
  }
}
