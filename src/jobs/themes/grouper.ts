import type { Messages, Privacy } from '../../claude/outgoing.ts';
import { MINUTE_MS } from '../../core/durations.ts';
import type { Context } from '../context.ts';

/** What grouping works with; nothing but this, so that the evaluation groups as the bot does. */
export interface Grouper extends Pick<Context, 'db' | 'clock' | 'log'> {
  claude: Messages;
  settings: Privacy;
}

/** How long a summary waits for its themes. */
export const PATIENCE_MS = 2 * MINUTE_MS;

/** This many useless answers in a row end the asking. */
export const MAX_TRIES = 3;
