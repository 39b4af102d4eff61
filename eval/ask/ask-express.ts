import { requestVerdict } from '../../src/claude/express.ts';
import {
  countStartable,
  nameLimits,
  type Pace,
  pauseUntil,
  UNKNOWN_PACE,
} from '../../src/core/runs/pace.ts';
import { type Asking, keep, refusedResult, waitAfter } from './asking.ts';
import type { Question } from './question.ts';

/** The express lane: one call a message, as many at once as the bot would make. */

/** After so many refusals in a row the messages are not at fault. */
const MAX_REFUSED = 3;

/** About what an answer takes, in tokens, as Claude's limits count it. */
const OUTPUT_TOKENS = 100;

/** Asks until every question has its answer. @throws PlainError when it cannot go on */
export async function askExpress(asking: Asking, questions: Question[]): Promise<void> {
  const { clock, say } = asking;
  const state: State = { pace: UNKNOWN_PACE, failures: 0, refused: [], answered: 0 };
  const queue = [...questions];
  const calls = new Set<Promise<void>>();
  const inputTokens = Math.max(
    0,
    ...questions.map(({ params }) => Math.ceil(JSON.stringify(params.messages).length / 3.5)),
  );
  const every = Math.max(1, Math.ceil(questions.length / 10));
  try {
    while (queue.length > 0 || calls.size > 0) {
      if (state.error) throw state.error.cause;
      const now = clock.now();
      const need = { inputTokens, outputTokens: OUTPUT_TOKENS };
      const may = countStartable(state.pace, calls.size, need, now);
      const next = queue.splice(0, may.calls);
      for (const question of next) {
        const call = askOne(asking, question, state, queue)
          .then((answered) => {
            if (answered && ++state.answered % every === 0)
              say(`${state.answered} of ${questions.length} answered`);
          })
          .catch((cause: unknown) => {
            state.error ??= { cause };
          })
          .finally(() => calls.delete(call));
        calls.add(call);
      }
      if (calls.size > 0) await Promise.race(calls);
      else if (queue.length > 0) await clock.sleep(Math.max(0, may.nextAt - now));
    }
    if (state.error) throw state.error.cause;
    keepRefused(asking, state);
  } finally {
    // Answers that are under way are kept too.
    await Promise.allSettled(calls);
  }
}

interface State {
  pace: Pace;
  /** In a row. */
  failures: number;
  /** In a row: kept once another message is answered, for then they were at fault. */
  refused: { question: Question; reason: string }[];
  answered: number;
  error?: { cause: unknown };
}

/** @returns whether it was answered; otherwise it is in the queue again */
async function askOne(
  asking: Asking,
  question: Question,
  state: State,
  queue: Question[],
): Promise<boolean> {
  const { claude, clock, answers } = asking;
  const began = clock.now();
  const answer = await requestVerdict(claude, { custom_id: question.key, params: question.params });
  const now = clock.now();
  if (answer.kind === 'ok') {
    state.failures = 0;
    keepRefused(asking, state);
    state.pace = nameLimits(state.pace, answer.value.limits, now);
    const { message } = answer.value;
    keep(asking, 'express', question, { type: 'succeeded', message }, now - began);
    return true;
  }
  const isAboutMessage = answer.kind === 'refused' && [400, 413, 422].includes(answer.status);
  if (isAboutMessage && state.refused.length < MAX_REFUSED) {
    state.refused.push({ question, reason: answer.reason });
    return true;
  }
  // Calls that begin together and fail together have failed once.
  const paused = state.pace.pause !== null && state.pace.pause.from >= began;
  if (!paused) state.failures++;
  state.pace = pauseUntil(state.pace, now + waitAfter(answer, state.failures, answers), now);
  queue.push(question);
  return false;
}

function keepRefused(asking: Asking, state: State): void {
  for (const { question, reason } of state.refused.splice(0)) {
    keep(asking, 'express', question, refusedResult(reason));
  }
}
