import type { Lane } from '../../src/core/runs/lane.ts';
import type { GoldClass } from '../score/outcome.ts';
import type { Score } from '../score/score.ts';
import type { AnswersScore } from '../score/score-answers.ts';

/** All figures of an evaluation. `--json` prints it without the mistakes: they hold texts. */
export interface Report extends AnswersScore {
  /** Whose answers these are. */
  judge: 'claude' | 'stand-in' | 'recorded';
  /** What has to be known about the figures; null: nothing. */
  note: string | null;
  model: string;
  lane: Lane;
  seed: number;
  /** Changes with the instructions. */
  prompt: string;
  data: {
    source: string;
    labelled: number;
    leftOut: number;
    judged: number;
    rest: number;
    /** How many labelled messages could be shown as examples. */
    examples: number;
    classes: GoldClass[];
  };
  /** How long asking took now. */
  seconds: number;
  usdNow: number | null;
  answers: { file: string | null; asked: number; kept: number };
  baselines: {
    keywords: Score;
    nearest: Score & { pool: number; leaveOneOut: boolean };
  };
  lanes: Partial<Record<Lane, LaneFigures>>;
  /** The share of messages that get the same category in both lanes; null: there is one lane. */
  lanesAgree: number | null;
  /** With growing numbers of labelled messages as examples; empty: not asked for. */
  curve: CurvePoint[];
  mistakes: Mistake[];
}

export type LaneFigures = AnswersScore & {
  seconds: number;
  /** Of single calls. */
  latency: { p50Ms: number; p90Ms: number } | null;
};

export interface CurvePoint {
  examples: number;
  /** How many of them were shown with a message, on average. */
  shown: number;
  accuracy: number | null;
  macroF1: number | null;
  macroF1Low: number | null;
  macroF1High: number | null;
  ece: number | null;
  usd: number | null;
  /** What the nearest of the examples says; null without examples. */
  nearest: { accuracy: number | null; macroF1: number | null } | null;
}

export interface Mistake {
  id: string;
  text: string;
  gold: string;
  predicted: string;
  /** null: the answer was unusable. */
  confidence: number | null;
  gist: string;
}
