import type { Taxonomy } from '../runs/taxonomy.ts';
import type { Dismissal } from './dismissal.ts';
import { canonicalEmoji } from './emoji.ts';

/**
 * What people do to a message: claim, resolve, dismiss or flag it, correct or confirm its category, and
 * undo any of these. The state of a message follows from its active acts, those that were taken and not
 * undone. The last one counts, so undoing it restores the one before.
 */

export const FLAG_STATES = ['open', 'claimed', 'resolved', 'dismissed', 'withdrawn'] as const;
/** `withdrawn`: it no longer needs attention (after an edit, an undone correction, a deletion). */
export type FlagState = (typeof FLAG_STATES)[number];

/** Whether somebody still has to act on it. */
export const isOpen = (state: FlagState) => state === 'open' || state === 'claimed';

export type ActKind =
  | 'claim'
  | 'resolve'
  | 'dismiss'
  /** A person flags it instead of a rule; on noise this is the rescue. */
  | 'flag'
  | 'correct'
  /** A person says that its category is right. */
  | 'confirm'
  /** A person adds a message that the bot would not have collected. */
  | 'add'
  | 'undo'
  /** Nobody's: a message that was taken for deleted is there. */
  | 'revive';

/**
 * `honesty`: it answers a question about a message that was picked at random. `departure`: the person who
 * claimed it left the channel, or was deactivated. `slack`: Slack shows it again.
 */
export type ActSource = 'reaction' | 'button' | 'honesty' | 'shortcut' | 'departure' | 'slack';

const STATE_ACTS = ['claim', 'resolve', 'dismiss', 'flag', 'correct', 'confirm'] as const;

/** Acts that determine the state or category of a message. */
export type StateActKind = (typeof STATE_ACTS)[number];

export const isStateAct = (kind: ActKind): kind is StateActKind =>
  (STATE_ACTS as readonly ActKind[]).includes(kind);

/**
 * Why an act was refused. `moot`: it would change nothing, and nobody waits for an answer (a bot's
 * reaction, or the undoing of an act that was never taken). `edited`: the question was about other words.
 */
export type Refusal = 'guest' | 'foreign' | 'unknown' | 'outside' | 'deleted' | 'edited' | 'moot';

/** An active act: taken and not undone. */
export interface ActiveAct {
  id: number;
  user: string;
  kind: StateActKind;
  category: string | null;
  /** The second category that was chosen with it; '': none; null: nothing was said about it. */
  also?: string | null;
  /** Why it was dismissed. */
  why?: Dismissal;
  /** ms since 1970 */
  at: number;
}

/** Which emoji stands for which act. Set in the environment. */
export interface PeopleEmoji {
  claim: string;
  resolve: string;
  dismiss: string;
  confirm: string;
  /** The bot's own reaction on a message that needs attention; people flag a message with the same emoji. */
  flag: string;
}

export const DEFAULT_EMOJI: PeopleEmoji = {
  claim: 'eyes',
  resolve: 'white_check_mark',
  dismiss: 'no_good',
  confirm: '+1',
  flag: 'triangular_flag_on_post',
};

/** What a person's reaction asks for. Undefined for most reactions: they mean nothing to the bot. */
export function interpretReaction(
  name: string,
  emoji: PeopleEmoji,
  taxonomy: Taxonomy,
): { kind: StateActKind; category: string | null } | undefined {
  const reaction = canonicalEmoji(name);
  for (const kind of ['claim', 'resolve', 'dismiss', 'confirm', 'flag'] as const) {
    if (canonicalEmoji(emoji[kind]) === reaction) return { kind, category: null };
  }
  const category = taxonomy.categories.find(
    (candidate) => candidate.emoji && canonicalEmoji(candidate.emoji) === reaction,
  );
  return category && { kind: 'correct', category: category.key };
}

export interface ActState {
  state: Exclude<FlagState, 'withdrawn'>;
  by: string | null;
  /** Why it was dismissed, if it is and somebody has said it. */
  why: Dismissal | null;
  /** When the state was reached, in ms since 1970; null when nobody has acted. */
  at: number | null;
  /** The person who flagged it; null when nobody did. */
  flaggedBy: string | null;
  /** The category that a person chose or confirmed, and who that was. */
  correction: { category: string; user: string; act: number } | null;
}

/**
 * Derives the state of a message from what people have done to it.
 * @param acts the active acts, oldest first
 */
export function deriveActState(acts: ActiveAct[], taxonomy: Taxonomy): ActState {
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
 * The act that determines the state of a flag: the last one that is not about the category. A correction
 * to noise counts as well, because it dismisses the message, unless somebody later says otherwise; and so
 * does a dismissal as noise.
 */
export function lastStateAct(acts: ActiveAct[], taxonomy: Taxonomy): ActiveAct | undefined {
  // Nobody knows whether a removed category was noise: better to show the message than to hide it.
  const isNoise = (key: string | null | undefined) =>
    taxonomy.categories.some((category) => category.key === key && !category.emoji);
  const stillNoise = isNoise(lastCorrection(acts)?.category);
  return acts.findLast(({ kind, category }) => {
    if (kind === 'correct' || (kind === 'dismiss' && category !== null)) {
      return stillNoise && isNoise(category);
    }
    return kind !== 'confirm';
  });
}

/** The act that determines the category. A confirmation made before there was a category has no effect. */
const lastCorrection = (acts: ActiveAct[]) =>
  acts.findLast(
    ({ kind, category }) =>
      (kind === 'correct' || kind === 'confirm' || kind === 'dismiss') && category !== null,
  );

function stateAfter(act: ActiveAct | undefined): Pick<ActState, 'state' | 'by' | 'at' | 'why'> {
  const why = null;
  if (!act) return { state: 'open', by: null, at: null, why };
  const { user: by, at } = act;
  switch (act.kind) {
    case 'claim':
      return { state: 'claimed', by, at, why };
    case 'resolve':
      return { state: 'resolved', by, at, why };
    case 'dismiss':
      return { state: 'dismissed', by, at, why: act.why?.reason ? act.why : null };
    case 'correct':
      return { state: 'dismissed', by, at, why: { reason: 'no_feedback', duplicateOf: null } };
    case 'flag':
    case 'confirm':
      return { state: 'open', by: null, at, why };
    default:
      return act.kind satisfies never;
  }
}
