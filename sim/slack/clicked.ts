// Finds what a person clicked in: a message, an ephemeral message, a view or a Home tab. Returns its
// blocks and how the payload describes the place.
import { renderMessage } from './messages.ts';
import type { Press } from './press-element.ts';
import type { Origin } from './response-urls.ts';
import type { JsonObject } from './types.ts';
import { collectState, type ViewValues } from './view-state.ts';
import { renderView } from './view-store.ts';
import type { SimChannel, Workspace } from './workspace.ts';

export interface Click extends Press {
  user: string;
  channel?: string;
  ts?: string;
  /** The id of an ephemeral message, or `true` to find it by `ts`. */
  ephemeral?: string | boolean;
  viewId?: string;
  /** The current values of the view's inputs. */
  values?: ViewValues;
  home?: boolean;
}

interface Clicked {
  blocks: unknown;
  /** The target of the response_url; views have none. */
  origin: Origin | undefined;
  place: JsonObject;
}

/** A channel as interaction payloads describe it. */
export function describePlace({ id, kind, name }: SimChannel): { id: string; name: string } {
  switch (kind) {
    case 'channel':
      return { id, name };
    case 'group':
      return { id, name: 'privategroup' };
    case 'im':
      return { id, name: 'directmessage' };
    default:
      return kind satisfies never;
  }
}

export function findClicked(world: Workspace, input: Click): Clicked {
  if (input.home || input.viewId !== undefined) return findInView(world, input);
  const channel = world.channels.get(input.channel ?? '');
  if (!channel) throw new Error(`There is no channel ${input.channel} in the simulated workspace.`);
  return input.ephemeral === undefined || input.ephemeral === false
    ? findInMessage(channel, input)
    : findInEphemeral(world, channel, input);
}

function findInView(world: Workspace, { home, viewId = '', user, values }: Click): Clicked {
  const view = home
    ? world.homes.get(user)
    : (world.views.get(viewId) ?? [...world.homes.values()].find((v) => v.id === viewId));
  if (!view) throw new Error(`There is no view ${home ? `of the Home tab of ${user}` : viewId}.`);
  if (view.user !== user) throw new Error(`${user} does not see ${view.id}.`);
  const state = collectState(view.view, values, { isSubmission: false });
  return {
    blocks: view.view.blocks,
    origin: undefined,
    place: {
      container: { type: 'view', view_id: view.id },
      view: renderView(view, world, state),
      state,
    },
  };
}

function findInEphemeral(world: Workspace, channel: SimChannel, input: Click): Clicked {
  const ephemeral = world.ephemerals.find((e) =>
    typeof input.ephemeral === 'string' ? e.id === input.ephemeral : e.ts === input.ts,
  );
  if (!ephemeral) throw new Error(`There is no such ephemeral message in ${channel.id}.`);
  if (ephemeral.user !== input.user)
    throw new Error(`${input.user} does not see that ephemeral message.`);
  return {
    blocks: ephemeral.blocks,
    origin: { channel: channel.id, user: input.user, ephemeralId: ephemeral.id },
    place: {
      container: {
        type: 'message',
        message_ts: ephemeral.ts,
        channel_id: channel.id,
        is_ephemeral: true,
      },
      channel: describePlace(channel),
    },
  };
}

function findInMessage(channel: SimChannel, { ts = '', user }: Click): Clicked {
  const message = channel.store.get(ts);
  if (!message || message.subtype === 'tombstone')
    throw new Error(`There is no message ${ts} in ${channel.id}.`);
  return {
    blocks: message.blocks,
    origin: { channel: channel.id, user, messageTs: message.ts },
    place: {
      container: {
        type: 'message',
        message_ts: message.ts,
        channel_id: channel.id,
        is_ephemeral: false,
        ...(message.thread_ts === undefined ? {} : { thread_ts: message.thread_ts }),
      },
      channel: describePlace(channel),
      message: renderMessage(message),
    },
  };
}
