import { costOf, TIERS } from '../../src/claude/pricing.ts';
import type { Lane } from '../../src/core/runs/lane.ts';
import { URGENCIES, type Urgency } from '../../src/core/runs/taxonomy.ts';
import type { Reading } from '../../src/core/runs/verdict.ts';
import type { GoldMessage } from '../gold/message.ts';
import { type Calibration, calibrate } from './calibrate.ts';
import { type GoldClass, type Outcome, resolveOutcome } from './outcome.ts';
import { type Score, score } from './score.ts';

/** What the answers of one lane amount to. */

/** A message with its answer. */
export interface Answered {
  message: GoldMessage;
  /** undefined: none came. */
  reading: Reading | undefined;
  /** Tells two answers from one that stands for two messages with the same text. */
  key: string;
}

export interface AnswersScore extends Score {
  messages: number;
  /** Answers without a category: declined, cut off, invalid, or none. They count as wrong. */
  unusable: number;
  unusableReasons: Record<string, number>;
  /**
   * Wrong answers whose second category is right: they count as wrong, because totals go by the first one.
   */
  alsoRight: number;
  /** How many messages have a label for a second thing that they do, and how often it was named. */
  alsoNamed: { labelled: number; found: number };
  ece: number | null;
  calibration: Calibration['bins'];
  urgency: Record<Urgency, number>;
  /** The share of the usable answers that the rules of the taxonomy flag. */
  flagRate: number | null;
  /** What Claude has billed for these answers; null: the price of the model is not known. */
  usd: number | null;
  tokens: { input: number; output: number };
  /** What has answered, by its own name. */
  judgedBy: Record<string, number>;
}

export function scoreAnswers(
  answered: Answered[],
  { classes, lane, model, seed }: { classes: GoldClass[]; lane: Lane; model: string; seed: number },
): { figures: AnswersScore; outcomes: Outcome[] } {
  const outcomes = answered.map(({ message, reading }) =>
    resolveOutcome(
      message.right,
      reading?.kind === 'judged' ? reading.judgement.category : null,
      classes,
    ),
  );
  const judged = answered.flatMap(({ reading }, index) => {
    const { gold, predicted } = outcomes[index] ?? {};
    return reading?.kind === 'judged' ? { ...reading.judgement, right: gold === predicted } : [];
  });
  const alsoRight = answered.filter(({ message, reading }, index) => {
    const { gold, predicted } = outcomes[index] ?? {};
    const also = reading?.kind === 'judged' ? reading.judgement.also : null;
    if (also === null || gold === predicted) return false;
    return classes.some(
      ({ name, categories }) => message.right.includes(name) && categories.includes(also),
    );
  });
  const seconds = answered.filter(({ message }) => message.second.length > 0);
  const found = seconds.filter(
    ({ message, reading }) =>
      reading?.kind === 'judged' && message.second.includes(reading.judgement.also ?? ''),
  );
  const reasons = answered.flatMap(({ reading }) => {
    if (reading?.kind === 'judged') return [];
    return reading?.reason ?? 'no answer came';
  });
  const { ece, bins } = calibrate(judged);
  const flagged = judged.filter((one) => one.flagged).length;
  const names = classes.map(({ name }) => name);
  return {
    outcomes,
    figures: {
      messages: answered.length,
      ...score(outcomes, names, seed),
      unusable: reasons.length,
      unusableReasons: tally(reasons),
      alsoRight: alsoRight.length,
      alsoNamed: { labelled: seconds.length, found: found.length },
      ece,
      calibration: bins,
      urgency: Object.fromEntries(
        URGENCIES.map((urgency) => [
          urgency,
          judged.filter((one) => one.urgency === urgency).length,
        ]),
      ) as Record<Urgency, number>,
      flagRate: judged.length === 0 ? null : flagged / judged.length,
      ...sumCosts(answered, lane, model),
      judgedBy: tally(answered.flatMap(({ reading }) => reading?.model ?? [])),
    },
  };
}

function tally(names: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Of each answer once. */
function sumCosts(answered: Answered[], lane: Lane, model: string) {
  const distinct = new Map(answered.map(({ key, reading }) => [key, reading]));
  const tokens = { input: 0, output: 0 };
  let nanoUsd: number | null = 0;
  for (const reading of distinct.values()) {
    if (!reading?.usage) continue;
    const cost = costOf(model, reading.usage, TIERS[lane]);
    tokens.input += cost.inputTokens;
    tokens.output += cost.outputTokens;
    nanoUsd = nanoUsd === null || cost.nanoUsd === null ? null : nanoUsd + cost.nanoUsd;
  }
  return { tokens, usd: nanoUsd === null ? null : nanoUsd / 1e9 };
}
