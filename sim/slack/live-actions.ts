// Performs the actions of the person at the page. People edit only their own messages and write only
// in channels that they are in.
import type { AppActions } from './interactions.ts';
import type { LiveAnswer, PageAction, PressOrigin } from './live-protocol.ts';
import type { PageCommand } from './page-options.ts';
import type { People } from './people.ts';
import { escapeTyped, storeTyped } from './typed-text.ts';
import { type Interaction, isObject } from './types.ts';
import type { SimChannel, Workspace } from './workspace.ts';

type Said = Omit<LiveAnswer, 'kind' | 'id'>;

/** All actions except those on the connection or the backstage. */
export type WorkspaceAction = Exclude<
  PageAction,
  {
    kind: 'be' | 'watch-channel' | 'watch-thread' | 'leave-thread' | 'older' | 'press-backstage';
  }
>;

/** Throws an error that tells the person why something cannot be done. */
export async function act(
  {
    sim,
    world,
    commands = [],
  }: { sim: People & AppActions; world: Workspace; commands?: PageCommand[] | undefined },
  user: string,
  action: WorkspaceAction,
): Promise<Said> {
  switch (action.kind) {
    case 'post': {
      const { channel, threadTs, broadcast, text } = action;
      requireMember(world, channel, user);
      if (text.trim() === '') throw new Error('There is nothing to post.');
      const ts = sim.post({
        channel,
        user,
        text: storeTyped(text.trim(), world),
        ...(threadTs === undefined ? {} : { threadTs }),
        ...(threadTs !== undefined && broadcast ? { broadcast } : {}),
      });
      return { ts };
    }
    case 'edit': {
      requireOwn(world, action, user);
      if (action.text.trim() === '') throw new Error('An edited message cannot be empty.');
      const { channel, ts } = action;
      sim.edit({ channel, ts, text: storeTyped(action.text.trim(), world) });
      return {};
    }
    case 'delete':
      requireOwn(world, action, user);
      sim.delete({ channel: action.channel, ts: action.ts });
      return {};
    case 'react':
    case 'unreact': {
      const { channel, ts, name } = action;
      requireMember(world, channel, user);
      sim[action.kind]({ channel, ts, name, user });
      return {};
    }
    case 'command': {
      requireMember(world, action.channel, user);
      const { channel, command } = action;
      const { escapes } = commands.find((one) => one.command === command) ?? {};
      const text = escapes ? escapeTyped(action.text, world) : action.text;
      return failure(await sim.command({ channel, command, text, user }), `${command} failed`);
    }
    case 'press-element': {
      const { kind: _kind, origin, ...press } = action;
      const click = sim.click({ ...press, ...placeOf(origin), user });
      return failure(await click, 'The app did not answer');
    }
    case 'shortcut': {
      const { channel, ts, callbackId } = action;
      requireMember(world, channel, user);
      const answer = await sim.shortcut({ channel, ts, callbackId, user });
      return failure(answer, 'The app did not answer');
    }
    case 'submit-view': {
      const { viewId, values } = action;
      const answer = await sim.submitView({ viewId, user, values });
      if (!answer.acked) return failure(answer, 'The app did not answer');
      const response = isObject(answer.response) ? answer.response : {};
      if (response.response_action !== 'errors' || !isObject(response.errors)) return {};
      const errors = Object.entries(response.errors).map(([block, text]) => [block, String(text)]);
      return { fieldErrors: Object.fromEntries(errors) };
    }
    case 'close-view':
      await sim.closeView({ viewId: action.viewId, user, all: action.all ?? false });
      return {};
    case 'open-home':
      sim.openHome(user, action.tab);
      return {};
    default:
      return action satisfies never;
  }
}

function failure(answer: Interaction, what: string): Said {
  return answer.acked ? {} : { error: `${what}: ${answer.error}` };
}

function placeOf(origin: PressOrigin) {
  switch (origin.kind) {
    case 'message':
      return { channel: origin.channel, ts: origin.ts };
    case 'ephemeral':
      return { channel: origin.channel, ephemeral: origin.id };
    case 'view':
      return { viewId: origin.viewId, ...(origin.values ? { values: origin.values } : {}) };
    case 'home':
      return { home: true, ...(origin.values ? { values: origin.values } : {}) };
    default:
      return origin satisfies never;
  }
}

/** Whether the person sees this channel in the sidebar. */
export function maySee(channel: SimChannel, user: string): boolean {
  return channel.kind === 'channel' || channel.members.has(user);
}

function requireMember(world: Workspace, id: string, user: string): void {
  const channel = world.channels.get(id);
  if (!channel || !maySee(channel, user)) throw new Error('There is no such channel.');
  if (!channel.members.has(user))
    throw new Error(`${world.users.get(user)?.realName ?? user} is not in this channel.`);
}

function requireOwn(
  world: Workspace,
  { channel, ts }: { channel: string; ts: string },
  user: string,
): void {
  requireMember(world, channel, user);
  const message = world.channels.get(channel)?.store.get(ts);
  if (!message || message.user !== user || message.bot_id !== undefined)
    throw new Error('Only your own messages can be changed.');
}
