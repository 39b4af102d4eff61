import { checkGist } from './gist.ts';
import type { Judgement } from './verdict.ts';

/** What becomes of a message when its request is answered, or never will be. */

/** `copy`: it repeats another post, which stands for both. */
export type MessageState = 'pending' | 'claimed' | 'judged' | 'dead' | 'copy';

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
  /** Another try would come to nothing else. */
  final?: boolean;
  /** Claude never came to it. */
  unasked?: true;
}

/** What an answer says, once it is read. `model`: what has answered, if it is not the run's model. */
export type Answer = { kind: 'judged'; judgement: Judgement; model?: string } | NoAnswer;

/**
 * What an answer comes to for its message, which may have changed since the request was sent. A verdict
 * on an older text of a person is not taken; on one of an integration it is, until the next run judges
 * the newer text, because an integration may edit its post during every run. `strayTheme`: it named a
 * theme that was not offered; that is not taken, the verdict is.
 */
export type Outcome =
  | { kind: 'judged'; judgement: Judgement; strayTheme: boolean }
  | NoAnswer
  | { kind: 'deleted' };

/**
 * @param request.themes ids of those that were offered
 * @param message.silent it is a picture without words, and nobody has said more in its thread
 * @param isNoise whether a category is noise
 */
export function decideOutcome(
  answer: Answer,
  request: { revision: number; themes: number[] },
  message: {
    revision: number;
    deleted: boolean;
    forgotten: boolean;
    bot: string | null;
    silent?: boolean;
    text: string;
  },
  isNoise: (category: string) => boolean = () => false,
): Outcome {
  // What was forgotten while Claude was at it is not learned again.
  if (message.deleted || message.forgotten) return { kind: 'deleted' };
  const edited = request.revision !== message.revision;
  if (edited && (answer.kind === 'again' || message.bot === null)) {
    return { kind: 'again', reason: 'edited while it was being classified', counts: false };
  }
  if (answer.kind === 'again') return answer;
  if (message.silent && isNoise(answer.judgement.category)) {
    // What it shows may matter: people have to look at it.
    return { kind: 'again', reason: 'a picture or clip without words', counts: true, final: true };
  }
  const { theme } = answer.judgement;
  const strayTheme = theme !== null && !request.themes.includes(theme);
  const gist = edited ? answer.judgement.gist : checkGist(answer.judgement.gist, message.text);
  const judgement = { ...answer.judgement, gist, theme: strayTheme ? null : theme };
  return { kind: 'judged', judgement, strayTheme };
}

/** After so many answers that were no good, a message is dead and the digest says so. */
export const MAX_TRIES = 3;

/**
 * A message without a good answer is pending again, or dead after too many tries. One that was to be
 * judged again keeps the verdict that it has, and is tried again likewise. If somebody has canceled the
 * run, only an edited one is.
 */
export function decideRetry(
  { state, tries: before, digest, edited }: Retried,
  { reason, counts, final = false }: { reason: string; counts: boolean; final?: boolean },
  canceled: boolean,
): { message: MessageChange; staleDigests: number[] } {
  const tries = counts ? before + 1 : before;
  const spent = final || (counts && tries >= MAX_TRIES);
  if (state === 'judged') {
    const message =
      canceled && !edited ? {} : { tries, again: spent ? (0 as const) : (1 as const) };
    return { message, staleDigests: [] };
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
  /** The verdict that counts is on an older text. */
  edited: boolean;
}
