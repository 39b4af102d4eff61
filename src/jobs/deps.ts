import type { Claude } from '../claude/batches.ts';
import type { PeopleEmoji } from '../core/acts.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Self } from '../core/message.ts';
import type { Settings } from '../core/settings.ts';
import type { Taxonomy } from '../core/taxonomy.ts';
import type { Slack } from '../slack/client.ts';
import type { Db } from '../store/database.ts';
import type { CatchUp } from './catch-up.ts';

/** What jobs and listeners work with: the real things, handed in by main.ts or by a test. */
export interface Deps {
  db: Db;
  slack: Slack;
  claude: Claude;
  clock: Clock;
  log: Log;
  self: Self;
  /** Which channels have been read since events may have been missed. */
  catchUp: CatchUp;
  /** With its closing slash: permalinks are made from it. */
  workspaceUrl: string;
  /** The taxonomy of new runs and its version. */
  taxonomy: Taxonomy;
  taxonomyVersion: number;
  /** What people's reactions mean, and the bot's flag. */
  emoji: PeopleEmoji;
  /** How long a flag may stand as it is before its thread is reminded; null: no reminders. */
  remindAfterMs: number | null;
  /** Whether the reporter is told when a message is resolved. */
  closeTheLoop: boolean;
  model: string;
  batchPollMs: number;
  timeZone: string;
  /** Channels to watch; empty: every channel that the bot is a member of. */
  feedbackChannels: string[];
  summarySchedule: string;
  classifySchedule: string | undefined;
  /** What can be set in Slack, as the environment has it: counts while nobody has saved any there. */
  environment: Settings;
}

/** What posts have to know of the workspace. */
export const surroundingsOf = (
  { workspaceUrl, timeZone, emoji }: Pick<Deps, 'workspaceUrl' | 'timeZone' | 'emoji'>,
  nameOf: (user: string) => string | undefined,
) => ({ workspaceUrl, timeZone, emoji, nameOf });

/** Whether the settings let the bot watch a channel at all. */
export function isWatched({ feedbackChannels }: Deps, channel: string): boolean {
  return feedbackChannels.length === 0 || feedbackChannels.includes(channel);
}

/** When a job wants to be run next: ms since 1970, or null for when it is woken. */
export type NextAt = number | null;

export function earliest(times: NextAt[]): NextAt {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** How long to wait after the n-th failure in a row: 1 s, 2 s, 4 s … 5 min. */
export function backoffMs(failures: number): number {
  return Math.min(300_000, 1000 * 2 ** Math.min(failures, 9));
}
