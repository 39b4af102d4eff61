import { App, type Receiver } from '@slack/bolt';
import type { Logger } from '@slack/logger';
import type { Context } from '../jobs/context.ts';
import { registerFlags } from './actions/flags.ts';
import { registerHomeFilter } from './actions/home-filter.ts';
import { registerHomePage } from './actions/home-page.ts';
import { registerHomeSeveral } from './actions/home-several.ts';
import { registerHonesty } from './actions/honesty.ts';
import { registerKeyButtons } from './actions/key.ts';
import { registerOffer } from './actions/offer.ts';
import { registerRehearsalButtons } from './actions/rehearsal.ts';
import { registerCancel } from './actions/runs/cancel.ts';
import { registerHurry } from './actions/runs/hurry.ts';
import { registerRetry } from './actions/runs/retry.ts';
import { registerSettingsButtons } from './actions/settings.ts';
import { registerThemes } from './actions/themes.ts';
import { registerTimeZone } from './actions/time-zone.ts';
import { registerUnsure } from './actions/unsure.ts';
import { registerWhy } from './actions/why.ts';
import { registerClassifyFeedback } from './commands/classify-feedback.ts';
import { registerAppHome } from './events/app-home.ts';
import { registerChannelId } from './events/channel-id.ts';
import { registerEmoji } from './events/emoji.ts';
import { registerFile } from './events/file.ts';
import { registerMembership } from './events/membership.ts';
import { registerMessage } from './events/message.ts';
import { registerMention } from './events/question.ts';
import { registerReaction } from './events/reaction.ts';
import { registerUser } from './events/user.ts';
import { recordForeignTeam } from './foreign-team.ts';
import { translateFormerIds } from './former-ids.ts';
import { recordHeard } from './heard.ts';
import { registerForget } from './shortcuts/forget.ts';
import { registerTriage } from './shortcuts/triage.ts';
import { createTools, type Register, type Tools } from './tools.ts';
import { registerDuplicateView } from './views/duplicate.ts';
import { registerForgetView } from './views/forget.ts';
import { registerHomeSeveralViews } from './views/home-several.ts';
import { registerKeyView } from './views/key.ts';
import { registerRehearsalViews } from './views/rehearsal.ts';
import { registerSettingsViews } from './views/settings.ts';

/** Every listener: one file for each trigger, in the folder of its kind. */
const LISTENERS: readonly Register[] = [
  registerMessage,
  registerMention,
  registerReaction,
  registerMembership,
  registerChannelId,
  registerUser,
  registerEmoji,
  registerFile,
  registerAppHome,
  registerClassifyFeedback,
  registerTriage,
  registerForget,
  registerFlags,
  registerUnsure,
  registerHonesty,
  registerThemes,
  registerWhy,
  registerCancel,
  registerHurry,
  registerRetry,
  registerOffer,
  registerHomePage,
  registerHomeFilter,
  registerHomeSeveral,
  registerHomeSeveralViews,
  registerDuplicateView,
  registerForgetView,
  registerSettingsButtons,
  registerSettingsViews,
  registerKeyButtons,
  registerKeyView,
  registerRehearsalButtons,
  registerRehearsalViews,
  registerTimeZone,
];

export interface AppOptions {
  apiUrl: string;
  logger: Logger;
  receiver: Receiver;
}

/**
 * Receives everything that Slack sends. A listener commits what its trigger means before it
 * acknowledges: Slack sends again only what was not acknowledged.
 * @param emit wakes jobs; called after a commit
 */
export function createApp(context: Context, emit: Tools['emit'], options: AppOptions): App {
  const { self } = context.workspace;
  const app = new App({
    receiver: options.receiver,
    // The app is of one workspace. Its listeners call Slack by the client of the context, which has the token.
    authorize: async () => ({ botId: self.botId, botUserId: self.userId }),
    convoStore: false,
    logger: options.logger,
    clientOptions: { slackApiUrl: options.apiUrl, retryConfig: { retries: 0 } },
  });
  // Rethrow, so that the receiver does not acknowledge an event whose listener failed.
  app.error(async (error) => {
    throw error;
  });
  app.use(async ({ body, next }) => {
    await recordForeignTeam(context, body);
    await next();
  });
  const processEvent = app.processEvent.bind(app);
  app.processEvent = (event) => {
    const body = translateFormerIds(event.body, context.channelIds);
    recordHeard(context.connection, body);
    return processEvent({ ...event, body });
  };
  const tools = createTools(context, emit);
  for (const register of LISTENERS) register(app, tools);
  return app;
}
