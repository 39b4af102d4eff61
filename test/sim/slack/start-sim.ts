// A workspace with one person and one channel with the bot, stopped after the test.
import { App, type AppOptions, type Logger, LogLevel } from '@slack/bolt';
import { WebClient, type WebClientOptions } from '@slack/web-api';
import { onTestFinished, vi } from 'vitest';
import {
  DEFAULT_SCOPES,
  type SlackSim,
  type SlackSimOptions,
  startSlackSim,
} from '../../../sim/slack/slack-sim.ts';

export interface Stage {
  sim: SlackSim;
  ann: string;
  channel: string;
  client: WebClient;
}

/** These tests cause refusals and broken sockets, so the SDK's log would only be noise. */
export const SILENT: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  setName() {},
  getLevel: () => LogLevel.ERROR,
};

export const MANY_SCOPES = [
  ...DEFAULT_SCOPES,
  'channels:join',
  'im:history',
  'im:read',
  'team:read',
];

export function createClient(sim: SlackSim, options: WebClientOptions = {}): WebClient {
  return new WebClient(sim.botToken, {
    slackApiUrl: sim.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
    ...options,
  });
}

export async function startStage(options: SlackSimOptions = {}): Promise<Stage> {
  const sim = await startSlackSim({ rateLimits: false, ...options });
  onTestFinished(() => sim.stop());
  const ann = sim.addUser({ name: 'ann', realName: 'Ann Lee', tz: 'Europe/Berlin' });
  const channel = sim.addChannel({ name: 'feedback', members: [ann, sim.botUserId] });
  return { sim, ann, channel, client: createClient(sim) };
}

/** A real Bolt app in Socket Mode; add its listeners before `start`. */
export function createApp(sim: SlackSim, options: AppOptions = {}): App {
  const app = new App({
    socketMode: true,
    token: sim.botToken,
    appToken: sim.appToken,
    clientOptions: { slackApiUrl: sim.apiUrl, retryConfig: { retries: 0 } },
    logger: SILENT,
    ...options,
  });
  onTestFinished(async () => {
    await app.stop();
    // Bolt's stop does not wait for its sockets.
    await sim.waitFor(() => sim.sockets.count() === 0).catch(() => {});
  });
  return app;
}

/** Timers wait for `vi.advanceTimersByTime` until the test ends; the network goes on. */
export function holdTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
}

/** The error code that Slack answered with. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    const { data } = error as { data?: { error?: string } };
    if (data?.error === undefined) throw error;
    return data.error;
  }
}

export function section(text: string): { type: 'section'; text: { type: 'mrkdwn'; text: string } } {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}
