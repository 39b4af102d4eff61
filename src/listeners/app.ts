import {
  App,
  type Receiver,
  type RespondArguments,
  type RespondFn,
  type ViewResponseAction,
  type ViewSubmitAction,
} from '@slack/bolt';
import type { Logger } from '@slack/logger';
import { z } from 'zod';
import type { Deps } from '../jobs/deps.ts';
import {
  ACTIONS,
  parseTarget,
  SETTINGS,
  THEMES,
  TRIAGE_SHORTCUT,
} from '../slack/blocks/actions.ts';
import { OFFER_ACTION } from '../slack/blocks/offer.ts';
import { renderWords } from '../slack/blocks/settings/saved.ts';
import { HOME_PAGE, onDoneInHome, onHomeOpened, onPageTurned } from './app-home.ts';
import { onOfferAnswered } from './backfill.ts';
import { onCommand } from './classify-command.ts';
import { onCancelPressed } from './commands/cancel.ts';
import { COMMAND } from './commands/wording.ts';
import { FLAG_ACTIONS, onPressed, takePressed } from './flag-actions.ts';
import { onChannelLeft, onChannelRenamed, onMemberJoined, onMemberLeft } from './membership.ts';
import { onMessage } from './message.ts';
import { onReaction } from './reaction.ts';
import {
  drawSettings,
  onCategoryAdded,
  onRejudge,
  onSettingsReset,
  onSettingsSaved,
  sayInModal,
} from './settings.ts';
import { drawTheme, onThemePressed, THEME_ACTIONS, takeThemePressed } from './theme-actions.ts';
import { drawTriage, drawWhy, onTriage } from './triage.ts';

/** Told after a commit that a job has something to do. */
export interface Wakes {
  messages(): void;
  /** People have done something. */
  people(): void;
  /** The command was typed: for a run, or for an export. */
  runs(): void;
  channels(): void;
  /** Somebody's Home tab is to be drawn. */
  homes(): void;
  /** The settings were changed. */
  settings(): void;
}

export interface AppSettings {
  botToken: string;
  apiUrl: string;
  logger: Logger;
  receiver: Receiver;
}

/**
 * Slack ends a Socket Mode connection over which it is sent more than 20 KB at once (seen in August
 * 2026): a longer answer goes to the command's response_url.
 */
const ACK_BYTES = 16_000;

/** The form of Bolt's that has blocks. */
type Said = Extract<RespondArguments, { blocks: unknown }>;

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

  app.event('reaction_added', async ({ event }) => {
    await onReaction(deps, event);
    wakes.people();
  });
  app.event('reaction_removed', async ({ event }) => {
    await onReaction(deps, event);
    wakes.people();
  });
  app.event('member_left_channel', async ({ event }) => onMemberLeft(deps, event));

  app.event('app_home_opened', async ({ event }) => {
    if (await onHomeOpened(deps, event)) wakes.homes();
  });
  app.action(HOME_PAGE, async ({ body, ack }) => {
    await onPageTurned(deps, body);
    await ack();
    wakes.homes();
  });

  // Answered all the same: the person learns that it failed and what to quote about it.
  const apologise = (what: 'cmd' | 'btn') => (error: unknown) => {
    const reference = `${what}-${deps.clock.now().toString(36)}`;
    log.error({ err: error, reference }, 'something that a person asked for failed');
    return `Something went wrong on my side, and nothing was started. Please try again; whoever runs me finds it in the log as ${reference}.`;
  };

  const unanswered = (error: unknown) =>
    log.warn({ err: error }, 'a command could not be answered');

  app.command(COMMAND, async ({ command, ack, respond }) => {
    const answer = await onCommand(deps, command).catch(apologise('cmd'));
    if (typeof answer === 'object' && 'modal' in answer) {
      await ack();
      await open(command.trigger_id, answer.modal, respond);
      return;
    }
    const said =
      typeof answer === 'string'
        ? { text: answer }
        : { text: answer.text, blocks: answer.blocks as Said['blocks'] };
    const answered = { response_type: 'ephemeral' as const, ...said };
    if (Buffer.byteLength(JSON.stringify(answered)) <= ACK_BYTES) await ack(answered);
    else {
      await ack();
      await respond(answered).catch(unanswered);
    }
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

  app.action(FLAG_ACTIONS, async ({ body, ack, respond }) => {
    const act = await onPressed(deps, body).catch(apologise('btn'));
    await ack();
    const answer = typeof act === 'number' ? await takePressed(deps, act).catch(later) : act;
    wakes.people();
    const { user, modal, inHome, target } = findPlace(body);
    if (inHome) {
      await onDoneInHome(deps, user, answer);
      wakes.homes();
    } else if (modal && target) {
      const drawn = await drawTriage(deps, target, answer);
      if (drawn) await show('views.update', { view_id: modal, view: drawn });
    } else if (answer) {
      await respond({ response_type: 'ephemeral', replace_original: false, text: answer }).catch(
        (error: unknown) => log.warn({ err: error }, 'a pressed button could not be answered'),
      );
    }
  });
  // Slack cannot be asked whether somebody may: the job asks again, and the card shows it then.
  const later = (error: unknown) => {
    log.warn({ err: error }, 'what somebody did is taken later');
    return undefined;
  };

  app.action(ACTIONS.cancel, async ({ body, ack, respond }) => {
    const text = await onCancelPressed(deps, body).catch(apologise('btn'));
    await ack();
    wakes.runs();
    await respond({ response_type: 'ephemeral', replace_original: false, text }).catch(
      // It is canceled all the same, and the receipt says so.
      (error: unknown) => log.warn({ err: error }, 'a pressed button could not be answered'),
    );
  });

  app.action(ACTIONS.why, async ({ body, ack }) => {
    await ack();
    const { modal, target, trigger } = findPlace(body);
    const drawn = target && (await drawWhy(deps, target));
    // Over the modal that it was pressed in, if any.
    const method = modal ? 'views.push' : 'views.open';
    if (drawn) await show(method, { trigger_id: trigger, view: drawn });
  });

  app.action(THEMES.look, async ({ body, ack }) => {
    await ack();
    const view = await drawTheme(deps, body);
    if (view) await show('views.open', { trigger_id: findPlace(body).trigger, view });
  });
  app.action(THEME_ACTIONS, async ({ body, ack, respond }) => {
    const act = await onThemePressed(deps, body).catch(apologise('btn'));
    await ack();
    const answer = typeof act === 'number' ? await takeThemePressed(deps, act).catch(later) : act;
    wakes.people();
    const { modal } = findPlace(body);
    const view = modal && (await drawTheme(deps, body, answer));
    if (view) await show('views.update', { view_id: modal, view });
    else if (answer) {
      await respond({ response_type: 'ephemeral', replace_original: false, text: answer }).catch(
        (error: unknown) => log.warn({ err: error }, 'a pressed button could not be answered'),
      );
    }
  });

  app.shortcut(TRIAGE_SHORTCUT, async ({ shortcut, ack }) => {
    const view = await onTriage(deps, shortcut);
    await ack();
    await show('views.open', { trigger_id: shortcut.trigger_id, view });
    wakes.messages();
  });

  app.action(SETTINGS.open, async ({ body, ack }) => {
    const drawn = await drawSettings(deps, { user: body.user.id });
    await ack();
    const view = drawn.kind === 'modal' ? drawn.view : renderWords(drawn.words);
    await show('views.open', { trigger_id: findPlace(body).trigger, view });
  });
  app.action(SETTINGS.add, async ({ body, ack }) => {
    await ack();
    await redraw(body, await onCategoryAdded(deps, body));
  });
  app.action(SETTINGS.reset, async ({ body, ack }) => {
    const view = await onSettingsReset(deps, body).catch((error: unknown) =>
      renderWords(apologise('btn')(error)),
    );
    await ack();
    wakes.settings();
    await redraw(body, view);
  });
  for (const [id, answer] of [
    [SETTINGS.save, onSettingsSaved],
    [SETTINGS.rejudge, onRejudge],
  ] as const) {
    app.view<ViewSubmitAction>(id, async ({ body, ack }) => {
      const { said, then } = await answer(deps, body).catch((error: unknown) =>
        sayInModal(body, apologise('btn')(error)),
      );
      await ack(said as ViewResponseAction);
      wakes.settings();
      if (then) await show('views.update', { view_id: body.view.id, view: then });
    });
  }

  const show = async (method: string, args: Record<string, unknown>) => {
    const answer = await deps.slack.call(method, args, z.looseObject({}));
    if (answer.kind !== 'ok') log.warn({ method, answer }, 'a modal could not be shown');
    return answer.kind === 'ok';
  };
  /** A trigger is good for three seconds, and once. */
  const open = async (trigger: string, view: object, respond: RespondFn) => {
    if (await show('views.open', { trigger_id: trigger, view })) return;
    const text = 'Slack did not let me open it. Please try again in a moment.';
    await respond({ response_type: 'ephemeral', text }).catch(unanswered);
  };
  /** Unless something else was drawn there meanwhile. */
  const redraw = async (body: unknown, view: object) => {
    const { modal, hash } = findPlace(body);
    if (modal) await show('views.update', { view_id: modal, hash, view });
  };
  return app;
}

const placeSchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  trigger_id: z.string(),
  view: z.looseObject({ id: z.string(), type: z.string(), hash: z.string() }).nullish(),
  actions: z.tuple([z.looseObject({ block_id: z.string() })]),
});

/** Where something was pressed: the modal or the Home tab, if it was one, and what it is about. */
function findPlace(body: unknown) {
  const { user, trigger_id: trigger, view, actions } = placeSchema.parse(body);
  const inHome = view?.type === 'home';
  const modal = inHome ? undefined : view?.id;
  const target = parseTarget(actions[0].block_id);
  return { user: user.id, trigger, modal, hash: view?.hash, inHome, target };
}
