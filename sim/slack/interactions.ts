// What people do with the app: commands, clicks, shortcuts, modals. Each builds its payload from the
// state of the workspace and waits for the app's ack.
import { randomUUID } from 'node:crypto';
import type { BlockCheck } from './block-kit/validate.ts';
import { type Click, describePlace, findClicked } from './clicked.ts';
import type { Delivery } from './delivery.ts';
import { renderMessage } from './messages.ts';
import { pressElement } from './press-element.ts';
import { createResponseUrls, type Origin, type ResponseUrls } from './response-urls.ts';
import {
  ApiError,
  type Interaction,
  isObject,
  type JsonObject,
  type SimEphemeral,
  type SimView,
} from './types.ts';
import { collectState, type ViewValues } from './view-state.ts';
import { applyViewAnswer, hasStrayErrors, renderView } from './view-store.ts';
import { ENTERPRISE_NAME, type Workspace } from './workspace.ts';

const TRIGGER_LIFETIME_MS = 3000;

/** What people do with the app: commands, clicks, shortcuts, modals. */
export interface AppActions {
  command(input: {
    command: string;
    text?: string;
    user: string;
    channel: string;
  }): Promise<Interaction>;
  click(input: Click): Promise<Interaction>;
  shortcut(input: {
    callbackId: string;
    user: string;
    channel: string;
    ts: string;
  }): Promise<Interaction>;
  submitView(input: { viewId: string; user?: string; values?: ViewValues }): Promise<Interaction>;
  /** Closes a modal; with `all`, or if the view says so, also the modals beneath it. */
  closeView(input: { viewId: string; user?: string; all?: boolean }): Promise<void>;
}

export interface Interactions extends AppActions {
  responseUrls: ResponseUrls;
  addEphemeral(ephemeral: Omit<SimEphemeral, 'id' | 'ts'>): SimEphemeral;
  /** Uses a trigger; returns its person. Throws when it is unknown, used or more than 3 s old. */
  takeTrigger(triggerId: string): string;
  hasIssued(triggerId: string): boolean;
}

export function createInteractions(options: {
  world: Workspace;
  delivery: Pick<Delivery, 'request'>;
  blocks: BlockCheck;
  /** The addresses for answers begin with it. */
  url: string;
  commands: readonly string[] | undefined;
}): Interactions {
  const { world, delivery, blocks } = options;
  const triggers = new Map<string, { user: string; expires: number; used: boolean }>();

  const addEphemeral: Interactions['addEphemeral'] = (ephemeral) => {
    const stored = { ...ephemeral, id: world.newId('E'), ts: world.nextTs() };
    world.ephemerals.push(stored);
    return stored;
  };
  const responseUrls = createResponseUrls({ world, blocks, url: options.url, addEphemeral });

  const issueTrigger = (user: string): string => {
    const now = world.now();
    const id = `${now}.${randomUUID()}`;
    triggers.set(id, { user, expires: now + TRIGGER_LIFETIME_MS, used: false });
    return id;
  };
  const nameOf = (user: string): string => {
    const known = world.users.get(user);
    if (!known) throw new Error(`There is no user ${user} in the simulated workspace.`);
    return known.name;
  };
  const teamOf = (user: string) => world.users.get(user)?.teamId ?? world.teamId;
  const channelOf = (id: string) => {
    const channel = world.channels.get(id);
    if (!channel) throw new Error(`There is no channel ${id} in the simulated workspace.`);
    return channel;
  };
  const viewOf = (id: string, user: string | undefined): SimView => {
    const stored = world.views.get(id);
    if (!stored) throw new Error(`There is no open view ${id}.`);
    if (user !== undefined && stored.user !== user) throw new Error(`${user} does not see ${id}.`);
    return stored;
  };
  const envelope = (type: string, user: string): JsonObject => ({
    type,
    user: { id: user, username: nameOf(user), name: nameOf(user), team_id: teamOf(user) },
    api_app_id: world.appId,
    token: 'sim-verification-token',
    trigger_id: issueTrigger(user),
    team: {
      id: world.teamId,
      domain: world.teamDomain,
      ...(world.enterpriseId && {
        enterprise_id: world.enterpriseId,
        enterprise_name: ENTERPRISE_NAME,
      }),
    },
    enterprise: world.enterpriseId && { id: world.enterpriseId, name: ENTERPRISE_NAME },
    is_enterprise_install: world.orgInstall,
  });
  const channelField = (id: string) => describePlace(channelOf(id));
  const isEmpty = (answer: unknown) =>
    answer === undefined || answer === '' || (isObject(answer) && Object.keys(answer).length === 0);

  return {
    responseUrls,
    addEphemeral,
    takeTrigger(id) {
      const trigger = triggers.get(id);
      if (!trigger) throw new ApiError('invalid_trigger_id');
      if (world.now() > trigger.expires) throw new ApiError('expired_trigger_id');
      if (trigger.used) throw new ApiError('exchanged_trigger_id');
      trigger.used = true;
      return trigger.user;
    },
    hasIssued: (id) => triggers.has(id),
    async command({ command, text = '', user, channel }) {
      if (options.commands && !options.commands.includes(command)) {
        return { acked: false, error: 'invalid_command' };
      }
      const origin: Origin = { channel, user };
      const where = channelField(channel);
      const answer = await delivery.request('slash_commands', {
        token: 'sim-verification-token',
        team_id: world.teamId,
        team_domain: world.teamDomain,
        ...(world.enterpriseId && {
          enterprise_id: world.enterpriseId,
          enterprise_name: ENTERPRISE_NAME,
        }),
        channel_id: channel,
        channel_name: where.name,
        user_id: user,
        user_name: nameOf(user),
        command,
        text,
        api_app_id: world.appId,
        is_enterprise_install: String(world.orgInstall),
        response_url: responseUrls.issue(origin, 'commands'),
        trigger_id: issueTrigger(user),
      });
      if (!answer.acked || isEmpty(answer.response)) return answer;
      const response =
        typeof answer.response === 'string' ? { text: answer.response } : answer.response;
      try {
        if (isObject(response)) responseUrls.show(origin, response);
        return answer;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return { acked: false, error: 'invalid_command_response' };
      }
    },
    click(input) {
      const { blocks: shown, origin, place } = findClicked(world, input);
      const action = pressElement(shown, input, world.nextTs());
      return delivery.request('interactive', {
        ...envelope('block_actions', input.user),
        ...(origin ? { response_url: responseUrls.issue(origin, 'actions') } : {}),
        state: { values: {} },
        ...place,
        actions: [action],
      });
    },
    shortcut({ callbackId, user, channel, ts }) {
      const message = channelOf(channel).store.get(ts);
      if (!message) throw new Error(`There is no message ${ts} in ${channel}.`);
      const { api_app_id: _app, ...rest } = envelope('message_action', user);
      return delivery.request('interactive', {
        ...rest,
        action_ts: world.nextTs(),
        callback_id: callbackId,
        response_url: responseUrls.issue({ channel, user, messageTs: ts }, 'actions'),
        message_ts: ts,
        channel: channelField(channel),
        message: renderMessage(message),
      });
    },
    async submitView({ viewId, user, values = {} }) {
      const stored = viewOf(viewId, user);
      if (stored.view.submit === undefined)
        throw new Error(`${viewId} has no button to submit it.`);
      const answer = await delivery.request('interactive', {
        ...envelope('view_submission', stored.user),
        view: renderView(stored, world, collectState(stored.view, values)),
        response_urls: [],
      });
      if (!answer.acked) return answer;
      if (hasStrayErrors(stored.view, answer.response)) {
        return { acked: false, error: 'invalid_view_errors' };
      }
      applyViewAnswer(world, blocks, stored, isObject(answer.response) ? answer.response : {});
      return answer;
    },
    async closeView({ viewId, user, all = false }) {
      const stored = viewOf(viewId, user);
      const isCleared = all || stored.view.clear_on_close === true;
      const closed = [...world.views.values()].filter((v) =>
        isCleared ? v.rootViewId === stored.rootViewId : v.id === viewId,
      );
      for (const view of closed) world.views.delete(view.id);
      world.notify();
      const { trigger_id: _none, ...rest } = envelope('view_closed', stored.user);
      // Only views with `notify_on_close` are reported; the app's answer has no effect.
      await Promise.all(
        closed
          .filter((view) => view.view.notify_on_close === true)
          .map((view) =>
            delivery.request('interactive', {
              ...rest,
              view: renderView(view, world, collectState(view.view)),
              is_cleared: isCleared,
            }),
          ),
      );
    },
  };
}
