import type { Rendered } from '../../core/delivery/effects.ts';
import type { Context } from '../../jobs/context.ts';

/** Who typed the command, where, and what followed its first word. */
export interface Asked {
  channel: string;
  user: string;
  /** As Slack sends it: cleaned, with tokens for people, channels and links; `readTyped` reads it. */
  rest: string;
  /** Opens a modal; valid for three seconds. */
  trigger: string;
}

/**
 * The answer that only the asker sees: mrkdwn, in which everything from outside is escaped; blocks;
 * or a modal to open.
 */
export type Answer = string | Rendered | { modal: object };

/** The heading under which help lists a sub-command. */
export type Group = 'sum up' | 'look' | 'set up';

export interface Subcommand {
  group: Group;
  /** The arguments, as help shows them. */
  usage?: string;
  help: string;
  /** The arguments of an example in help. */
  example?: string;
  /** Other words that people may try instead. */
  also: readonly string[];
  /** Only members of the workspace may use it. */
  changes?: true;
  /** It costs money: nobody is offered it for a word that they mistyped. */
  spends?: true;
  answer(context: Context, asked: Asked): Promise<Answer>;
}
