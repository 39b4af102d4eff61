import type { Claude } from '../claude/outgoing.ts';
import type { Clock } from '../core/clock.ts';
import { Storage } from '../core/health/storage.ts';
import type { Log } from '../core/log.ts';
import { type Pace, UNKNOWN_PACE } from '../core/runs/pace.ts';
import { shardSize as divideIntoShards } from '../core/runs/shards.ts';
import type { Hosted } from '../core/settings/hosted.ts';
import type { ActiveSettings } from '../core/settings/settings.ts';
import type { Slack } from '../slack/client.ts';
import type { Workspace } from '../slack/read.ts';
import type { Db } from '../store/db/tables.ts';
import { countWrites } from '../store/db/writes.ts';
import { CatchUp } from './intake/catch-up.ts';
import { Connection } from './intake/connection.ts';
import { ChannelIds } from './intake/former-ids.ts';
import { ThreadsRead } from './intake/sweep/threads-read.ts';
import { CallsInFlight } from './runs/lanes/calls-in-flight.ts';

/**
 * What jobs and listeners work with: services, the workspace, and the settings in force. There is
 * one context for each workspace; a function takes the parts that it uses (`Pick<Context, 'db'>`).
 */

/** The outside world: the real services, or those of a test. */
export interface Services {
  db: Db;
  slack: Slack;
  claude: Claude;
  clock: Clock;
  log: Log;
}

export interface Context extends Services {
  /** How many statements may have changed the database, since this process opened it. */
  readonly writes: () => number;
  readonly workspace: Workspace;
  /** How the workspace came to have the bot, and its key; null: a bot of its own. */
  readonly hosted: Hosted | null;
  /** Whether people may set its key, by what Slack said when they opened their Home tab. */
  readonly keySetters: Map<string, boolean>;
  /** Which channels have been read since events may have been missed. */
  readonly catchUp: CatchUp;
  /** Whether anything can be stored. */
  readonly storage: Storage;
  /** How well the bot hears Slack. */
  readonly connection: Connection;
  /** The ids that channels had before. */
  readonly channelIds: ChannelIds;
  /** How fast express calls to Claude may follow one another. */
  pace: Pace;
  readonly callsInFlight: CallsInFlight;
  /**
   * Slack may have posts that the database does not know: the channels in which the sweep has taken them over. The
   * others wait: nothing is posted or classified there. Null: there is nothing to take over.
   */
  adopted: Set<string> | null;
  /**
   * The channels in which the sweep has met such posts, while it is not known whether there are any. Null: it is
   * known.
   */
  unknownPosts: Set<string> | null;
  /**
   * Until when lanes of the outbox are held back, because Slack refuses the app itself; in ms since 1970.
   * The next process tries new effects at once: somebody may have started it with another token.
   */
  readonly refusedLanes: Map<string, number>;
  /** When the clock was last looked at, in ms since 1970: one that is earlier now was set back. */
  clockSeenAt: number;
  /** When the log of the database was last shortened, and how many runs were open then. */
  readonly checkpoints: { at: number; openRuns: number; isLogLarge: boolean };
  /** How a run is divided into batches. */
  readonly shardSize: (messages: number) => number;
  /** How threads were when the sweep last read them. */
  readonly threadsRead: ThreadsRead;
  /** The current snapshot. Read it once where several settings have to fit together. */
  readonly settings: ActiveSettings;
  /** Puts a new snapshot in force. Work under way keeps the one that it has read. */
  replaceSettings(next: ActiveSettings): void;
}

export function createContext(
  services: Services,
  workspace: Workspace,
  settings: ActiveSettings,
  {
    // Benchmarks compare it with a single batch.
    shardSize = divideIntoShards,
    hosted = null,
  }: Partial<Pick<Context, 'shardSize' | 'hosted'>> = {},
): Context {
  let current = Object.freeze({ ...settings });
  const storage = new Storage();
  const log = storage.quieten(services.log);
  return {
    ...services,
    ...countWrites(services.db),
    log,
    storage,
    workspace,
    hosted,
    keySetters: new Map(),
    catchUp: new CatchUp(),
    channelIds: new ChannelIds(),
    connection: new Connection(log),
    pace: UNKNOWN_PACE,
    callsInFlight: new CallsInFlight(),
    adopted: null,
    unknownPosts: null,
    refusedLanes: new Map(),
    clockSeenAt: services.clock.now(),
    checkpoints: { at: services.clock.now(), openRuns: 0, isLogLarge: false },
    shardSize,
    threadsRead: new ThreadsRead(),
    get settings() {
      return current;
    },
    replaceSettings(next) {
      current = Object.freeze({ ...next });
    },
  };
}

/** The workspace as posts need it. */
export const toRenderContext = (
  { workspace, settings, hosted }: Pick<Context, 'workspace' | 'settings' | 'hosted'>,
  nameOf: (user: string) => string | undefined,
) => ({
  workspaceUrl: workspace.url,
  timeZone: settings.timeZone,
  emoji: settings.emoji,
  hosted,
  nameOf,
});

/** A sweep comes within seconds of the start. */
const ADOPTION_MS = 2_000;

/**
 * What is to be posted or classified may have been posted already.
 * @returns until when work on a channel has to wait; null when it may go on
 */
export const waitForAdoption = (
  { adopted, clock }: Pick<Context, 'adopted' | 'clock'>,
  channel: string,
): number | null => (adopted === null || adopted.has(channel) ? null : clock.now() + ADOPTION_MS);

/** Whether it is the bot's conversation with one person: nothing in it is feedback. */
export const isDirect = (channel: string): boolean => channel.startsWith('D');

/** Whether the settings let the bot watch a channel at all. */
export function isWatched(
  { settings: { feedbackChannels }, channelIds }: Pick<Context, 'settings' | 'channelIds'>,
  channel: string,
): boolean {
  if (isDirect(channel)) return false;
  if (feedbackChannels.length === 0) return true;
  return feedbackChannels.some((id) => channelIds.current(id) === channelIds.current(channel));
}

/** When a job wants to be run next: ms since 1970, or null for when it is woken. */
export type NextAt = number | null;

export function earliest(times: NextAt[]): NextAt {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}
