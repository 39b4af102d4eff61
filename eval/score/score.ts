import { type Interval, wilson } from '../../src/core/proportions.ts';
import { bootstrap } from './bootstrap.ts';
import { type ClassFigures, type Confusion, measure, tabulate } from './measure.ts';
import type { Outcome } from './outcome.ts';

/** The figures of a way to judge, with their 95 % intervals, as `--json` prints them. */

type ScoredClass = ClassFigures & {
  precisionLow: number | null;
  precisionHigh: number | null;
  recallLow: number | null;
  recallHigh: number | null;
  f1Low: number | null;
  f1High: number | null;
};

export interface Score {
  accuracy: number | null;
  /** Wilson's; those of the others are bootstrapped. */
  accuracyLow: number | null;
  accuracyHigh: number | null;
  macroF1: number | null;
  macroF1Low: number | null;
  macroF1High: number | null;
  perClass: Record<string, ScoredClass>;
  confusion: Confusion;
}

const bounds = (interval: Interval | null | undefined) => interval ?? { low: null, high: null };

/** @param classes the names of all classes, in the order in which they are shown */
export function score(outcomes: Outcome[], classes: string[], seed: number): Score {
  const { messages, accuracy, macroF1, perClass } = measure(outcomes, classes);
  const intervals = bootstrap(outcomes, classes, seed);
  const right = outcomes.filter(({ gold, predicted }) => gold === predicted).length;
  const ofAccuracy = bounds(wilson(right, messages));
  const ofMacro = bounds(intervals.macroF1);
  return {
    accuracy,
    accuracyLow: ofAccuracy.low,
    accuracyHigh: ofAccuracy.high,
    macroF1,
    macroF1Low: ofMacro.low,
    macroF1High: ofMacro.high,
    perClass: Object.fromEntries(
      Object.entries(perClass).map(([name, figures]) => {
        const drawn = intervals.perClass[name];
        const [precision, recall, f1] = [
          bounds(drawn?.precision),
          bounds(drawn?.recall),
          bounds(drawn?.f1),
        ];
        return [
          name,
          {
            ...figures,
            precisionLow: precision.low,
            precisionHigh: precision.high,
            recallLow: recall.low,
            recallHigh: recall.high,
            f1Low: f1.low,
            f1High: f1.high,
          },
        ];
      }),
    ),
    confusion: tabulate(outcomes, classes),
  };
}
