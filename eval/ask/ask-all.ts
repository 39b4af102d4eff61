import { costOf, TIERS } from '../../src/claude/pricing.ts';
import type { Lane } from '../../src/core/runs/lane.ts';
import type { Taxonomy } from '../../src/core/runs/taxonomy.ts';
import { readResult } from '../../src/core/runs/verdict.ts';
import { count } from '../../src/core/text.ts';
import type { Plan } from '../plan.ts';
import type { Answers, Judge } from './answers.ts';
import { askBatches } from './ask-batches.ts';
import { askExpress } from './ask-express.ts';
import type { Asking } from './asking.ts';
import { type Connecting, type Open, withClaude } from './connect.ts';
import { priceQuestions } from './price.ts';
import type { Question } from './question.ts';

/** Gets an answer to every question: those that are kept from the file, the others from Claude. */

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

interface AskingFor extends Connecting {
  taxonomy: Taxonomy;
}

/** @throws PlainError when nobody has agreed to the price, or Claude does not answer */
export function askAll(plan: Plan, what: AskingFor): Promise<Asked> {
  return withClaude(
    what,
    async (answers, judge) => findOpen(plan, what, answers, judge),
    (asking) => askOpen(plan, what, asking),
  );
}

/** What a plan needs that has no answer yet. */
export function findOpen(
  plan: Plan,
  what: Pick<AskingFor, 'taxonomy' | 'model'>,
  answers: Answers,
  judge: Judge,
): Open {
  const open = listOpen(plan, answers, judge);
  return { answers: countQuestions(open), usd: priceQuestions(open, what) };
}

/** Asks for everything that has no answer yet. */
export async function askOpen(
  plan: Plan,
  { taxonomy, model }: Pick<AskingFor, 'taxonomy' | 'model'>,
  asking: Asking,
): Promise<Asked> {
  const { clock, answers, judge, say } = asking;
  const open = listOpen(plan, answers, judge);
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
