import type { Rendered } from '../../core/delivery/effects.ts';
import type { Context } from '../../jobs/context.ts';

/** Who typed the command, where, and what stood after its first word. */
export interface Asked {
  channel: string;
  user: string;
  /** As it was typed: clean, neither escaped nor lower-cased. */
  rest: string;
  /** Opens a modal, within three seconds. */
  trigger: string;
}

/**
 * What the asker alone is told: mrkdwn, escaped where it holds anything from outside, or blocks; or a
 * modal that is opened for them.
 */
export type Answer = string | Rendered | { modal: object };

/** What people do with it: help is grouped by this. */
export type Group = 'sum up' | 'look' | 'set up';

export interface Subcommand {
  group: Group;
  /** What may follow the word, as it is shown to people. */
  usage?: string;
  help: string;
  /** What follows the word in an example of its use. */
  example?: string;
  /** Other words that people try for it. */
  also: readonly string[];
  answer(context: Context, asked: Asked): Promise<Answer>;
}
