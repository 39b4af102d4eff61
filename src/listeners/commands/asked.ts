import type { Rendered } from '../../core/effects.ts';
import type { Deps } from '../../jobs/deps.ts';

/** Who typed the command, where, and what stood after its first word. */
export interface Asked {
  channel: string;
  user: string;
  /** As it was typed: clean, neither escaped nor lower-cased. */
  rest: string;
}

/** What the asker alone is told: mrkdwn, escaped where it holds anything from outside, or blocks. */
export type Answer = string | Rendered;

export interface Subcommand {
  /** What may follow the word, as it is shown to people. */
  usage?: string;
  help: string;
  answer(deps: Deps, asked: Asked): Promise<Answer>;
}
