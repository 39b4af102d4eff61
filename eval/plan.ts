import type { Lane } from '../src/core/runs/lane.ts';
import type { Example } from '../src/store/people/examples.ts';
import { buildQuestions, type Question } from './ask/question.ts';
import { shuffle } from './gold/draw-sample.ts';
import { openExampleIndex } from './gold/example-index.ts';
import type { GoldSet } from './gold/load-gold.ts';
import type { GoldMessage } from './gold/message.ts';
import type { Options } from './options.ts';
import { PlainError } from './plain-error.ts';
import { judgeByIndex } from './score/baselines.ts';
import type { Outcome } from './score/outcome.ts';

/** What is asked: the messages with growing numbers of examples, in one lane or in both. */

export interface Point {
  /** How many labelled messages the bot may show as examples. */
  examples: number;
  /** In each lane that is asked. */
  questions: Map<Lane, Question[]>;
  /** What the nearest of these examples says; null without examples. */
  nearest: Outcome[] | null;
}

export interface Plan {
  /** With growing numbers of examples. */
  points: Point[];
  /** The one whose figures are the main ones. */
  main: Point;
}

/**
 * @param pool the labelled messages that may be shown as examples, perhaps the judged ones themselves: none
 * is shown with itself
 * @throws PlainError when there is nothing to show
 */
export async function planQuestions(
  messages: GoldMessage[],
  pool: GoldMessage[],
  { taxonomy, nameOf }: GoldSet,
  options: Pick<Options, 'people' | 'examples' | 'lanes' | 'seed'> & {
    model: string;
    redact: boolean;
  },
): Promise<Plan> {
  const { people, lanes, seed, model, redact } = options;
  if (options.examples !== undefined && pool.length === 0) {
    throw new PlainError(
      'No labelled messages are left to show as examples: judge fewer with --sample N, or leave --examples out.',
    );
  }
  const most = Math.min(options.examples ?? (people ? pool.length : 0), pool.length);
  // What the bot would do now is to show what people have corrected.
  const sizes = people && options.examples === undefined ? [most] : listSizes(most);
  const shuffled = shuffle(pool, seed);
  const index = await openExampleIndex(taxonomy);
  try {
    const points: Point[] = [];
    let added = 0;
    for (const size of sizes) {
      await index.add(shuffled.slice(added, size));
      added = size;
      const shown = new Map<GoldMessage, Example[]>();
      for (const message of messages) shown.set(message, size > 0 ? await index.find(message) : []);
      const isMain = people ? size === most : size === 0;
      const asked = isMain ? lanes : lanes.slice(0, 1);
      const examplesOf = (message: GoldMessage) => shown.get(message) ?? [];
      const privacy = { redact };
      const questions = new Map<Lane, Question[]>();
      for (const lane of asked) {
        const prompt = { examplesOf, lane, taxonomy, model, nameOf, privacy };
        questions.set(lane, await buildQuestions(messages, prompt));
      }
      points.push({
        examples: size,
        questions,
        nearest: size === 0 ? null : await judgeByIndex(messages, shuffled.slice(0, size), index),
      });
    }
    const main = people ? points.at(-1) : points[0];
    if (!main) throw new Error('a plan has at least one point');
    return { points, main };
  } finally {
    await index.close();
  }
}

/** 0, an eighth, a quarter, half and all. */
function listSizes(most: number): number[] {
  return [...new Set([0, most / 8, most / 4, most / 2, most].map(Math.ceil))];
}
