import type { ClusterScore } from '../score/clusters.ts';

/** The figures of a level of grouping, beside those of words alone. */
export interface Levels {
  asks: ClusterScore;
  /** null: nothing was said about topics. */
  topics: ClusterScore | null;
  tfIdf: ClusterScore;
}

/** All figures of grouping. `--json` prints it without `mixed` and `split`: they hold texts. */
export interface ThemesReport extends Levels {
  /** Whose answers these are. */
  judge: 'claude' | 'stand-in' | 'recorded';
  /** What has to be known about the figures; null: nothing. */
  note: string | null;
  model: string;
  seed: number;
  /** Changes with the instructions. */
  prompt: string;
  data: { source: string; labelled: number; grouped: number; rest: number };
  /** Each with the similarity from which words alone link two messages. */
  channels: Record<string, Levels & { threshold: number }>;
  /** Messages without a gist, and those that are no feedback: they are alone. */
  unusable: number;
  noise: number;
  /** That asked for groups. */
  requests: number;
  tokens: { input: number; output: number };
  /** What these answers cost, and what was billed now; null: the price of the model is not known. */
  usd: number | null;
  usdNow: number | null;
  seconds: number;
  answers: { file: string | null; asked: number; kept: number };
  mixed: Mismatch[];
  split: Mismatch[];
}

/** A group of several clusters, or a cluster in several groups. */
export interface Mismatch {
  size: number;
  parts: { cluster: string; messages: string[] }[];
}
