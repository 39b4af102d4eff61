import { App, type Receiver } from '@slack/bolt';
import type { Logger } from '@slack/logger';
import type { Deps } from '../jobs/deps.ts';
import { OFFER_ACTION } from '../slack/blocks/offer.ts';
import { onOfferAnswered } from './backfill.ts';
import { COMMAND, onCommand } from './classify-command.ts';
import { onChannelLeft, onChannelRenamed, onMemberJoined } from './membership.ts';
import { onMessage } from './message.ts';

/** Told after a commit that a job has something to do. */
export interface Wakes {
  messages(): void;
  runs(): void;
  channels(): void;
}

export interface AppSettings {
  botToken: string;
  apiUrl: string;
  logger: Logger;
  receiver: Receiver;
}

/**
 * All that comes from Slack, trigger by trigger. Every listener commits what the trigger means
 * before it is acknowledged: Slack repeats what is not, and nothing else would.
 */
export function createApp(deps: Deps, wakes: Wakes, settings: AppSettings): App {
  const { self, log } = deps;
  const app = new App({
    receiver: settings.receiver,
    // One workspace, one token: nothing is looked up for each event.
    authorize: async () => ({
      botToken: settings.botToken,
      botId: self.botId,
      botUserId: self.userId,
    }),
    convoStore: false,
    logger: settings.logger,
    clientOptions: { slackApiUrl: settings.apiUrl, retryConfig: { retries: 0 } },
  });
  // The receiver has to see the failure: what fails must not be acknowledged.
  app.error(async (error) => {
    throw error;
  });

  app.event('message', async ({ event }) => {
    await onMessage(deps, event);
    wakes.messages();
  });
  app.event('member_joined_channel', async ({ event }) => {
    await onMemberJoined(deps, event);
    wakes.channels();
  });
  app.event('channel_left', async ({ event }) => onChannelLeft(deps, event));
  app.event('group_left', async ({ event }) => onChannelLeft(deps, event));
  app.event('channel_archive', async ({ event }) => onChannelLeft(deps, event));
  app.event('group_archive', async ({ event }) => onChannelLeft(deps, event));
  app.event('channel_rename', async ({ event }) => onChannelRenamed(deps, event));
  app.event('group_rename', async ({ event }) => onChannelRenamed(deps, event));

  // Answered all the same: the person learns that it failed and what to quote about it.
  const apologise = (what: 'cmd' | 'btn') => (error: unknown) => {
    const reference = `${what}-${deps.clock.now().toString(36)}`;
    log.error({ err: error, reference }, 'something that a person asked for failed');
    return `Something went wrong on my side, and nothing was started. Please try again; whoever runs me finds it in the log as ${reference}.`;
  };

  app.command(COMMAND, async ({ command, ack }) => {
    const text = await onCommand(deps, command).catch(apologise('cmd'));
    await ack({ response_type: 'ephemeral', text });
    wakes.runs();
  });

  app.action(new RegExp(`^${OFFER_ACTION}`), async ({ action, ack, respond }) => {
    const answer = await onOfferAnswered(deps, action).then(
      (text) => ({ replace_original: true, text }),
      // The buttons stay, so that the choice can be made again.
      (error: unknown) => ({ replace_original: false, text: apologise('btn')(error) }),
    );
    await ack();
    wakes.channels();
    await respond({ response_type: 'ephemeral', ...answer }).catch((error: unknown) => {
      // What was chosen is committed; only the buttons stay where they were.
      log.warn({ err: error }, 'a pressed button could not be answered');
    });
  });
  return app;
}
