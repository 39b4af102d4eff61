import type { ClaudeAnswer } from '../../src/claude/batches.ts';
import type { Claude } from '../../src/claude/outgoing.ts';
import type { Clock } from '../../src/core/clock.ts';
import { backoffMs } from '../../src/core/delivery/backoff.ts';
import type { Lane } from '../../src/core/runs/lane.ts';
import { PlainError } from '../plain-error.ts';
import type { Answers, Judge } from './answers.ts';
import type { Question } from './question.ts';

/** What both lanes need to ask Claude. */
export interface Asking {
  claude: Claude;
  clock: Clock;
  answers: Answers;
  judge: Judge;
  /** How often batches are looked at. */
  pollMs: number;
  /** Says how far it is. */
  say: (line: string) => void;
}

type Failure = Exclude<ClaudeAnswer<never>, { kind: 'ok' }>;

/** After so many failures in a row nobody answers: with backoff about ten minutes. */
const FAILURES_MOST = 10;

/** How long to wait before the next try. @throws PlainError when trying again would not help */
export function waitAfter(failure: Failure, failures: number, answers: Answers): number {
  const mayPass = failure.kind === 'later' || failure.kind === 'unclear';
  if (!mayPass || failures >= FAILURES_MOST) throw refuseToGoOn(failure, answers);
  return (failure.kind === 'later' && failure.afterMs) || backoffMs(failures);
}

/** What is wrong, for a person who can mend it. */
export function refuseToGoOn(failure: Failure, answers: Answers): PlainError {
  const kept = answers.isEmpty() ? '' : ` ${describeKept(answers)}`;
  const reason = failure.reason.replace(/\.$/, '');
  switch (failure.kind) {
    case 'blocked':
      return new PlainError(
        failure.mend === 'key'
          ? `Claude refuses the API key (${reason}).\nSet ANTHROPIC_API_KEY in .env to a key of platform.claude.com, API keys; or try this without Claude: --fake.${kept}`
          : `${capitalise(reason)}.\nRaise it at platform.claude.com, Billing and Limits; then run this again.${kept}`,
      );
    case 'refused':
      return new PlainError(`Claude refuses the requests: ${reason}.${kept}`);
    case 'later':
    case 'unclear':
      return new PlainError(
        `${reason.startsWith('Claude') ? '' : 'Claude does not answer: '}${reason}.\nRun this again later.${kept}`,
      );
    default:
      return failure satisfies never;
  }
}

const capitalise = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);

const describeKept = ({ file }: Answers) =>
  file === undefined
    ? 'The answers so far are lost; with --answers FILE they are kept.'
    : `The answers so far are kept in ${file}: they are not asked for again.`;

/** An answer to keep. */
export function keep(
  { answers, judge }: Asking,
  lane: Lane,
  { key }: Pick<Question, 'key'>,
  result: unknown,
  ms?: number,
): void {
  answers.add({ kind: 'answer', key, lane, judge, ...(ms !== undefined && { ms }), result });
}

/** What a result says of a request that Claude refuses as it is. */
export const refusedResult = (reason: string) => ({
  type: 'errored',
  error: { type: 'error', error: { type: 'invalid_request_error', message: reason } },
});
