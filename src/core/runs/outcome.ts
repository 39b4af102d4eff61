import type { Judgement } from './verdict.ts';

/** What becomes of a message when its request is answered, or never will be. */

export type MessageState = 'pending' | 'claimed' | 'judged' | 'dead';

/** Columns of a message that are to be written. */
export interface MessageChange {
  state?: MessageState;
  tries?: number;
  trouble?: string | null;
  digest?: null;
  again?: 0 | 1;
}

/** No good answer: why, and whether it uses up a try. */
interface NoAnswer {
  kind: 'again';
  reason: string;
  counts: boolean;
}

/** What an answer says, once it is read. */
export type Answer = { kind: 'judged'; judgement: Judgement } | NoAnswer;

/**
 * What an answer comes to for its message, which may have changed since the request was sent.
 * `strayTheme`: it named a theme that was not offered; that is not taken, the verdict is.
 */
export type Outcome =
  | { kind: 'judged'; judgement: Judgement; strayTheme: boolean }
  | NoAnswer
  | { kind: 'deleted' };

/** @param request.themes ids of those that were offered */
export function decideOutcome(
  answer: Answer,
  request: { revision: number; themes: number[] },
  message: { revision: number; deleted: boolean },
): Outcome {
  if (message.deleted) return { kind: 'deleted' };
  if (request.revision !== message.revision) {
    // The verdict is about a text that is no longer there.
    return { kind: 'again', reason: 'edited while it was being judged', counts: false };
  }
  if (answer.kind === 'again') return answer;
  const { theme } = answer.judgement;
  const strayTheme = theme !== null && !request.themes.includes(theme);
  const judgement = strayTheme ? { ...answer.judgement, theme: null } : answer.judgement;
  return { kind: 'judged', judgement, strayTheme };
}

/** After so many answers that were no good, a message is dead and the digest says so. */
export const MAX_TRIES = 3;

/**
 * A message without a good answer is pending again, or dead after too many tries. One that was to be
 * judged again keeps the verdict that it has, and is tried again likewise, unless somebody has
 * canceled the run.
 */
export function decideRetry(
  { state, tries: before, digest }: Retried,
  { reason, counts }: { reason: string; counts: boolean },
  canceled: boolean,
): { message: MessageChange; staleDigests: number[] } {
  const tries = counts ? before + 1 : before;
  const spent = counts && tries >= MAX_TRIES;
  if (state === 'judged') {
    return { message: canceled ? {} : { tries, again: spent ? 0 : 1 }, staleDigests: [] };
  }
  return {
    message: { tries, state: spent ? 'dead' : 'pending', digest: null, trouble: reason },
    staleDigests: digest ? [digest.run] : [],
  };
}

/**
 * A message whose request Claude does not take: trying it again would not help. One that was to be
 * judged again keeps the verdict that it has.
 */
export function decideSetAside(
  { state, digest }: Pick<Retried, 'state' | 'digest'>,
  reason: string,
): ReturnType<typeof decideRetry> {
  if (state === 'judged') return { message: { again: 0, trouble: reason }, staleDigests: [] };
  return {
    message: { state: 'dead', digest: null, trouble: reason },
    staleDigests: digest ? [digest.run] : [],
  };
}

interface Retried {
  state: MessageState;
  tries: number;
  /** The digest that has told of it. */
  digest: { run: number } | null;
}
