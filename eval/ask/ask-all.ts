import { startClaudeSim } from '../../sim/claude/claude-sim.ts';
import { ask, checkModel, createClaude } from '../../src/claude/batches.ts';
import type { Claude } from '../../src/claude/outgoing.ts';
import { costOf, TIERS } from '../../src/claude/pricing.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Lane } from '../../src/core/runs/lane.ts';
import type { Taxonomy } from '../../src/core/runs/taxonomy.ts';
import { readResult } from '../../src/core/runs/verdict.ts';
import { count, formatAtMost } from '../../src/core/text.ts';
import type { Environment } from '../environment.ts';
import type { Options } from '../options.ts';
import { PlainError } from '../plain-error.ts';
import type { Plan } from '../plan.ts';
import { Answers, type Judge } from './answers.ts';
import { askBatches } from './ask-batches.ts';
import { askExpress } from './ask-express.ts';
import { type Asking, refuseToGoOn } from './asking.ts';
import { priceQuestions } from './price.ts';
import type { Question } from './question.ts';

/** Gets an answer to every question: those that are kept from the file, the others from Claude. */

export interface Io {
  clock: Clock;
  /** Says something while the figures are not there yet. */
  say: (line: string) => void;
  /** Asks a person; null when nobody is there. */
  confirm: ((question: string) => Promise<boolean>) | null;
}

export interface Asked {
  answers: Answers;
  judge: Judge;
  /** Answers that were asked for now. */
  asked: number;
  /** Answers that were kept before, or recorded. */
  kept: number;
  /** How long asking took, by lane. */
  seconds: Map<Lane, number>;
  /** What has been billed now; null: the price of the model is not known. */
  usdNow: number | null;
}

interface AskingFor {
  taxonomy: Taxonomy;
  options: Options;
  environment: Environment;
  model: string;
  io: Io;
}

const DEFAULT_FILE = 'data/eval-answers.jsonl';

/** @throws PlainError when nobody has agreed to the price, or Claude does not answer */
export async function askAll(plan: Plan, what: AskingFor): Promise<Asked> {
  const { options, environment, model, io } = what;
  const { apiKey, baseUrl } = environment.claude;
  const useStandIn = options.fake || apiKey === '';
  const answers = new Answers(options.answers ?? DEFAULT_FILE);
  const needsNobody = countQuestions(listOpen(plan, answers, 'claude')) === 0;
  if (useStandIn && (options.fake || !needsNobody)) return askStandIn(plan, what);
  const claude = createClaude({ apiKey: apiKey || 'none', baseUrl });
  const simulated = !needsNobody && baseUrl !== undefined && (await isSimulated(claude, model));
  const judge = simulated ? 'stand-in' : 'claude';
  const open = listOpen(plan, answers, judge);
  if (countQuestions(open) > 0) {
    await agreeOnPrice(open, what);
    await checkClaude(claude, model, answers);
  }
  const pollMs = environment.batchPollMs;
  return askOpen(plan, open, what, { ...io, claude, answers, judge, pollMs });
}

async function askStandIn(plan: Plan, what: AskingFor): Promise<Asked> {
  const { options, model, io } = what;
  io.say(
    options.fake
      ? STAND_IN_NOTE
      : `${STAND_IN_NOTE} With ANTHROPIC_API_KEY in .env, Claude is measured.`,
  );
  const answers = new Answers(options.answers);
  const open = listOpen(plan, answers, 'stand-in');
  // It costs nothing, and nobody else asks it.
  const limits = { inputTokensPerMinute: 1e9, outputTokensPerMinute: 1e9, requestsPerMinute: 1e6 };
  const standIn = await startClaudeSim({
    batchMs: STAND_IN_MS,
    now: () => io.clock.now(),
    ...limits,
  });
  try {
    const claude = createClaude({ apiKey: standIn.apiKey, baseUrl: standIn.url });
    if (countQuestions(open) > 0) await checkClaude(claude, model, answers);
    const asking = { ...io, claude, answers, judge: 'stand-in' as const, pollMs: STAND_IN_MS };
    return await askOpen(plan, open, what, asking);
  } finally {
    await standIn.stop();
  }
}

export const STAND_IN_NOTE =
  "The stand-in's keyword rules were measured, not Claude: these figures say nothing about Claude.";

const STAND_IN_MS = 50;

async function askOpen(
  plan: Plan,
  open: Map<Lane, Question[]>,
  { taxonomy, model }: AskingFor,
  asking: Asking,
): Promise<Asked> {
  const { clock, answers, judge, say } = asking;
  const seconds = new Map<Lane, number>();
  let nanoUsd: number | null = 0;
  for (const [lane, questions] of open) {
    if (questions.length === 0) continue;
    say(`Asking for ${count(questions.length, 'answer')} (${lane})`);
    const began = clock.now();
    if (lane === 'batch') await askBatches(asking, questions, taxonomy);
    else await askExpress(asking, questions);
    seconds.set(lane, (clock.now() - began) / 1000);
    for (const { key } of questions) {
      const answer = answers.find(key, lane, judge);
      const { usage } = answer ? readResult(answer.result, taxonomy) : {};
      const cost = usage ? costOf(model, usage, TIERS[lane]).nanoUsd : 0;
      nanoUsd = nanoUsd === null || cost === null ? null : nanoUsd + cost;
    }
  }
  const asked = countQuestions(open);
  const all = countQuestions(listDistinct(plan));
  const usdNow = nanoUsd === null ? null : nanoUsd / 1e9;
  return { answers, judge, asked, kept: all - asked, seconds, usdNow };
}

/** The questions of the plan, each once, that have no answer yet. */
function listOpen(plan: Plan, answers: Answers, judge: Judge): Map<Lane, Question[]> {
  const recorded = new Set(
    [...plan.main.questions.values()]
      .flat()
      .filter(({ message }) => answers.findRecorded(message.id))
      .map(({ key }) => key),
  );
  return new Map(
    [...listDistinct(plan)].map(([lane, questions]) => [
      lane,
      questions.filter(({ key }) => !recorded.has(key) && !answers.find(key, lane, judge)),
    ]),
  );
}

function listDistinct({ points }: Plan): Map<Lane, Question[]> {
  const byLane = new Map<Lane, Map<string, Question>>();
  for (const [lane, questions] of points.flatMap((point) => [...point.questions])) {
    const distinct = byLane.get(lane) ?? new Map<string, Question>();
    for (const question of questions) distinct.set(question.key, question);
    byLane.set(lane, distinct);
  }
  return new Map([...byLane].map(([lane, distinct]) => [lane, [...distinct.values()]]));
}

const countQuestions = (byLane: Map<Lane, Question[]>) =>
  [...byLane.values()].reduce((sum, questions) => sum + questions.length, 0);

/** @throws PlainError when nobody agrees */
async function agreeOnPrice(open: Map<Lane, Question[]>, what: AskingFor): Promise<void> {
  const { options, model, io } = what;
  const usd = priceQuestions(open, what);
  const price = usd === null ? `at a price that is not known for ${model}` : formatAtMost(usd);
  const offer = `${count(countQuestions(open), 'answer')} of ${model}, ${price}`;
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
