import type { Interval } from '../../src/core/proportions.ts';
import { middle } from './interval.ts';
import { describeClass, meanF1 } from './measure.ts';
import type { Outcome } from './outcome.ts';
import { createRandom } from './random.ts';

/**
 * 95 % intervals by the bootstrap: the figures of as many messages, drawn from the messages with
 * replacement, again and again. null: the figure was never defined.
 */

const RESAMPLES = 2000;

interface ClassIntervals {
  precision: Interval | null;
  recall: Interval | null;
  f1: Interval | null;
}

export interface Intervals {
  macroF1: Interval | null;
  perClass: Record<string, ClassIntervals>;
}

export function bootstrap(
  outcomes: Outcome[],
  classes: string[],
  seed: number,
  resamples = RESAMPLES,
): Intervals {
  const random = createRandom(seed);
  const size = classes.length;
  // What was predicted to be of no class has the last place.
  const place = (name: string) => (classes.includes(name) ? classes.indexOf(name) : size);
  const gold = outcomes.map((outcome) => place(outcome.gold));
  const predicted = outcomes.map((outcome) => place(outcome.predicted));
  const macro: number[] = [];
  const drawn = classes.map(() => ({
    precision: [] as number[],
    recall: [] as number[],
    f1: [] as number[],
  }));
  for (let n = 0; n < resamples && outcomes.length > 0; n++) {
    const support = new Array<number>(size + 1).fill(0);
    const answers = new Array<number>(size + 1).fill(0);
    const hits = new Array<number>(size + 1).fill(0);
    for (let draw = 0; draw < outcomes.length; draw++) {
      const index = Math.floor(random() * outcomes.length);
      const [row = size, column = size] = [gold[index], predicted[index]];
      support[row] = (support[row] ?? 0) + 1;
      answers[column] = (answers[column] ?? 0) + 1;
      if (row === column) hits[row] = (hits[row] ?? 0) + 1;
    }
    const figures = classes.map((_, index) =>
      describeClass(hits[index] ?? 0, support[index] ?? 0, answers[index] ?? 0),
    );
    for (const [index, one] of figures.entries()) {
      if (one.precision !== null) drawn[index]?.precision.push(one.precision);
      if (one.recall !== null) drawn[index]?.recall.push(one.recall);
      if (one.recall !== null || one.precision !== null) drawn[index]?.f1.push(one.f1);
    }
    const mean = meanF1(figures.filter((one) => one.support > 0));
    if (mean !== null) macro.push(mean);
  }
  const perClass = classes.map((name, index) => {
    const { precision = [], recall = [], f1 = [] } = drawn[index] ?? {};
    return [
      name,
      { precision: middle(precision), recall: middle(recall), f1: middle(f1) },
    ] as const;
  });
  return { macroF1: middle(macro), perClass: Object.fromEntries(perClass) };
}
