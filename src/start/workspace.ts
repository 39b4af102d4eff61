import type { App, Receiver } from '@slack/bolt';
import type { Logger } from '@slack/logger';
import { describeEmojiClashes } from '../config.ts';
import type { Hosted } from '../core/settings/hosted.ts';
import type { ServerSettings } from '../core/settings/settings.ts';
import { type Context, createContext, type Services } from '../jobs/context.ts';
import { loadChannelIds } from '../jobs/intake/channel-ids.ts';
import { systemClock } from '../jobs/loop.ts';
import { JOBS } from '../jobs/registry.ts';
import { startRunner, type Turn } from '../jobs/runner.ts';
import { loadSettings } from '../jobs/settings/in-force.ts';
import { createApp } from '../listeners/app.ts';
import type { Workspace } from '../slack/read.ts';
import { StartError } from './start-error.ts';

/** Everything that works for one workspace: its context, its jobs and its listeners. */

/** The next start resumes what no job has done by then, because every stage is committed. */
const DRAIN_MS = 7_000;

/** A wait for Slack's rate limit that ends by then is no trouble; a longer one is cut short. */
const WAIT_MS = 2_000;

/** How a stop ended: every job was done with what it did, or the time for it was over. */
export type Stopped = 'drained' | 'too long';

/**
 * Reads what the bot goes on with.
 * @param hosted null: a bot of one workspace
 * @throws StartError when it cannot
 */
export async function prepareContext(
  services: Services,
  workspace: Workspace,
  server: ServerSettings,
  hosted: Hosted | null = null,
): Promise<Context> {
  const settings = await loadSettingsChecked(services, server);
  const context = createContext(services, workspace, settings, { hosted });
  await loadChannelIds(context);
  return context;
}

/** Loads the settings in force. Those saved in Slack override the environment and must fit its emoji. */
async function loadSettingsChecked(services: Services, server: ServerSettings) {
  const { settings, saved, change } = await loadSettings(services, server);
  if (!saved) return settings;
  services.log.info(
    { settings: change?.id, user: change?.changedBy },
    'settings saved in Slack count, not those of the environment',
  );
  const [clash] = describeEmojiClashes(settings.emoji, settings.taxonomy);
  if (clash) {
    throw new StartError(`${clash}. The categories are those that were saved in Slack.`);
  }
  return settings;
}

export interface RunningWorkspace {
  app: App;
  /** Events come in from now on: what was posted before is read from history. */
  connected(): void;
  /**
   * Lets the jobs end what they do. People are answered meanwhile, from the database. What they do, the next process
   * carries out.
   */
  drain(): Promise<Stopped>;
}

/**
 * @param createReceiver makes what brings events
 * @param begun stops the jobs
 */
export async function startWorkspace(
  context: Context,
  {
    createReceiver,
    stopWaiting,
    turn,
    ...options
  }: {
    /** Has calls to Slack wait no longer. */
    stopWaiting: () => void;
    /** Default: the jobs begin at once. */
    turn?: Turn;
    /** @param onMissed is to be called when events may have been missed: a sweep is due */
    createReceiver: (onMissed: () => void) => Promise<Receiver>;
    apiUrl: string;
    logger: Logger;
  },
  begun: AsyncDisposableStack,
): Promise<RunningWorkspace> {
  const { catchUp, clock } = context;
  // The bot has missed everything that was posted until now.
  catchUp.missEvents(clock.now());
  const runner = startRunner(context, JOBS, turn);
  begun.defer(() => runner.stop());
  const miss = (event: 'connected' | 'reconnected') => {
    catchUp.missEvents(clock.now());
    runner.emit(event);
  };
  const receiver = await createReceiver(() => miss('reconnected'));
  return {
    app: createApp(context, runner.emit, { ...options, receiver }),
    connected: () => miss('connected'),
    drain() {
      void systemClock.sleep(WAIT_MS).then(stopWaiting);
      const tooLong = systemClock.sleep(DRAIN_MS).then(() => 'too long' as const);
      return Promise.race([runner.stop().then(() => 'drained' as const), tooLong]);
    },
  };
}
