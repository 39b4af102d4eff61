import type { Outcome } from './outcome.ts';

/** Accuracy, precision, recall, F1 and the confusion table, exactly. Intervals: see bootstrap.ts. */

export interface ClassFigures {
  /** null: nothing was predicted to be of the class. */
  precision: number | null;
  /** null: nothing is of the class. */
  recall: number | null;
  /** 0 when nothing is of the class and nothing was predicted to be. */
  f1: number;
  /** How many messages are of the class. */
  support: number;
  /** How many answers are. */
  predicted: number;
}

interface Figures {
  messages: number;
  /** null without messages, as the next. */
  accuracy: number | null;
  /** The mean F1 of the classes that have messages. */
  macroF1: number | null;
  perClass: Record<string, ClassFigures>;
}

/** @param classes the names of all classes, in the order in which they are shown */
export function measure(outcomes: Outcome[], classes: string[]): Figures {
  const perClass = Object.fromEntries(
    classes.map((name) => {
      const support = outcomes.filter(({ gold }) => gold === name).length;
      const predicted = outcomes.filter((outcome) => outcome.predicted === name).length;
      const hits = outcomes.filter(
        (outcome) => outcome.gold === name && outcome.predicted === name,
      ).length;
      return [name, describeClass(hits, support, predicted)];
    }),
  );
  const right = outcomes.filter(({ gold, predicted }) => gold === predicted).length;
  return {
    messages: outcomes.length,
    accuracy: outcomes.length === 0 ? null : right / outcomes.length,
    macroF1: meanF1(Object.values(perClass).filter(({ support }) => support > 0)),
    perClass,
  };
}

export function describeClass(hits: number, support: number, predicted: number): ClassFigures {
  return {
    precision: predicted === 0 ? null : hits / predicted,
    recall: support === 0 ? null : hits / support,
    f1: support + predicted === 0 ? 0 : (2 * hits) / (support + predicted),
    support,
    predicted,
  };
}

/** null: no class. */
export function meanF1(classes: { f1: number }[]): number | null {
  if (classes.length === 0) return null;
  return classes.reduce((sum, { f1 }) => sum + f1, 0) / classes.length;
}

export interface Confusion {
  /** The rows: the classes that have messages. */
  gold: string[];
  /** The columns: all classes, then what else was predicted. */
  predicted: string[];
  counts: number[][];
}

export function tabulate(outcomes: Outcome[], classes: string[]): Confusion {
  const others = new Set(outcomes.map((outcome) => outcome.predicted));
  for (const name of classes) others.delete(name);
  const predicted = [...classes, ...[...others].sort()];
  const gold = classes.filter((name) => outcomes.some((outcome) => outcome.gold === name));
  const counts = gold.map((row) =>
    predicted.map(
      (column) =>
        outcomes.filter((outcome) => outcome.gold === row && outcome.predicted === column).length,
    ),
  );
  return { gold, predicted, counts };
}
