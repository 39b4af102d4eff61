import { type Interval, wilson } from '../../src/core/proportions.ts';

/** Whether answers are as often right as they say they are. */

interface Bin extends Interval {
  from: number;
  to: number;
  messages: number;
  meanConfidence: number;
  /** The share that is right. */
  accuracy: number;
}

export interface Calibration {
  /** The expected calibration error; null without answers. */
  ece: number | null;
  /** Those that have answers. */
  bins: Bin[];
}

const BINS = 10;

/** @param answers with a confidence from 0 to 1 */
export function calibrate(answers: { confidence: number; right: boolean }[]): Calibration {
  // 0.3 × 10 is a little less than 3 in floating point, and 1 belongs to the last bin.
  const binOf = (confidence: number) =>
    Math.min(BINS - 1, Math.floor(Number((confidence * BINS).toFixed(9))));
  const bins = [...Map.groupBy(answers, ({ confidence }) => binOf(confidence))]
    .sort(([one], [other]) => one - other)
    .map(([index, held]) => {
      const right = held.filter((answer) => answer.right).length;
      const sum = held.reduce((total, { confidence }) => total + confidence, 0);
      return {
        from: index / BINS,
        to: (index + 1) / BINS,
        messages: held.length,
        meanConfidence: sum / held.length,
        accuracy: right / held.length,
        ...(wilson(right, held.length) ?? { low: 0, high: 1 }),
      };
    });
  if (answers.length === 0) return { ece: null, bins };
  const gaps = bins.map((bin) => bin.messages * Math.abs(bin.accuracy - bin.meanConfidence));
  return { ece: gaps.reduce((sum, gap) => sum + gap, 0) / answers.length, bins };
}
