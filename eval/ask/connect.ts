import { startClaudeSim } from '../../sim/claude/claude-sim.ts';
import { ask, checkModel, createClaude } from '../../src/claude/batches.ts';
import type { Claude } from '../../src/claude/outgoing.ts';
import type { Clock } from '../../src/core/clock.ts';
import { count, formatAtMost } from '../../src/core/text.ts';
import type { Environment } from '../environment.ts';
import type { Options } from '../options.ts';
import { PlainError } from '../plain-error.ts';
import { Answers, type Judge } from './answers.ts';
import { type Asking, refuseToGoOn } from './asking.ts';

/** Finds out who is asked, Claude or the stand-in, and has a person agree to the price before. */

export interface Io {
  clock: Clock;
  /** Says something while the figures are not there yet. */
  say: (line: string) => void;
  /** Asks a person; null when nobody is there. */
  confirm: ((question: string) => Promise<boolean>) | null;
}

export interface Connecting {
  options: Pick<Options, 'answers' | 'fake' | 'yes'>;
  environment: Pick<Environment, 'claude' | 'batchPollMs'>;
  model: string;
  io: Io;
}

/** What is not answered yet. */
export interface Open {
  answers: number;
  /** About the most that it costs; null: the price of the model is not known. */
  usd: number | null;
}

const DEFAULT_FILE = 'data/eval-answers.jsonl';

/**
 * @param findOpen what still has to be asked, of this judge
 * @throws PlainError when nobody has agreed to the price, or Claude does not answer
 */
export async function withClaude<T>(
  what: Connecting,
  findOpen: (answers: Answers, judge: Judge) => Promise<Open>,
  use: (asking: Asking) => Promise<T>,
): Promise<T> {
  const { options, environment, model, io } = what;
  const { apiKey, baseUrl } = environment.claude;
  const useStandIn = options.fake || apiKey === '';
  const answers = new Answers(options.answers ?? DEFAULT_FILE);
  const needsNobody = (await findOpen(answers, 'claude')).answers === 0;
  if (useStandIn && (options.fake || !needsNobody)) return withStandIn(what, findOpen, use);
  const claude = createClaude({ apiKey: apiKey || 'none', baseUrl });
  const simulated = !needsNobody && baseUrl !== undefined && (await isSimulated(claude, model));
  const judge = simulated ? 'stand-in' : 'claude';
  const open = await findOpen(answers, judge);
  if (open.answers > 0) {
    await agreeOnPrice(open, what);
    await checkClaude(claude, model, answers);
  }
  return use({ ...io, claude, answers, judge, pollMs: environment.batchPollMs });
}

async function withStandIn<T>(
  { options, model, io }: Connecting,
  findOpen: (answers: Answers, judge: Judge) => Promise<Open>,
  use: (asking: Asking) => Promise<T>,
): Promise<T> {
  io.say(
    options.fake
      ? STAND_IN_NOTE
      : `${STAND_IN_NOTE} With ANTHROPIC_API_KEY in .env, Claude is measured.`,
  );
  const answers = new Answers(options.answers);
  // It costs nothing, and nobody else asks it.
  const limits = { inputTokensPerMinute: 1e9, outputTokensPerMinute: 1e9, requestsPerMinute: 1e6 };
  const standIn = await startClaudeSim({
    batchMs: STAND_IN_MS,
    now: () => io.clock.now(),
    ...limits,
  });
  try {
    const claude = createClaude({ apiKey: standIn.apiKey, baseUrl: standIn.url });
    const open = await findOpen(answers, 'stand-in');
    if (open.answers > 0) await checkClaude(claude, model, answers);
    return await use({ ...io, claude, answers, judge: 'stand-in', pollMs: STAND_IN_MS });
  } finally {
    await standIn.stop();
  }
}

export const STAND_IN_NOTE =
  "The stand-in's keyword rules were measured, not Claude: these figures say nothing about Claude.";

const STAND_IN_MS = 50;

/** @throws PlainError when nobody agrees */
async function agreeOnPrice(open: Open, { options, model, io }: Connecting): Promise<void> {
  const { answers, usd } = open;
  const price = usd === null ? `at a price that is not known for ${model}` : formatAtMost(usd);
  const offer = `${count(answers, 'answer')} of ${model}, ${price}`;
  if (options.yes) return io.say(`${offer}.`);
  if (io.confirm === null) {
    throw new PlainError(`${offer}.\nNothing was asked. To spend it, add --yes.`);
  }
  if (!(await io.confirm(`Ask for ${offer}?`))) throw new PlainError('Nothing was asked.');
}

/** Whether the stand-in for Claude is at the address: all its answers say so. */
async function isSimulated(claude: Claude, model: string): Promise<boolean> {
  const answer = await ask(() => claude.models.retrieve(model).withResponse());
  return answer.kind === 'ok' && answer.value.response.headers.has('x-simulated');
}

/** @throws PlainError when Claude refuses the key or the model, or does not answer */
async function checkClaude(claude: Claude, model: string, answers: Answers): Promise<void> {
  const answer = await checkModel(claude, model);
  if (answer.kind === 'ok') return;
  if (answer.kind === 'refused') {
    throw new PlainError(
      answer.status === 404
        ? `Claude has no model ${model}. Set CLAUDE_MODEL or --model to one of platform.claude.com, Models.`
        : `${answer.reason}. Set CLAUDE_MODEL or --model to another one.`,
    );
  }
  throw refuseToGoOn(answer, answers);
}
