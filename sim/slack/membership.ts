// Joining, leaving, archiving, renaming and another id: the change, the line in the channel and the events.
import { addMessage } from './messages.ts';
import type { SimChannel, Workspace } from './workspace.ts';

/** Events of private channels have another prefix. */
function prefixOf(channel: SimChannel): string {
  return channel.kind === 'group' ? 'group' : 'channel';
}

export function addMember(
  world: Workspace,
  channel: SimChannel,
  user: string,
  inviter?: string,
): void {
  if (channel.members.has(user)) return;
  channel.members.add(user);
  const by = inviter === undefined ? {} : { inviter };
  addMessage(world, channel, {
    ts: world.nextTs(),
    subtype: 'channel_join',
    user,
    text: `<@${user}> has joined the channel`,
    ...by,
  });
  world.emit(
    {
      type: 'member_joined_channel',
      user,
      channel: channel.id,
      channel_type: channel.kind === 'group' ? 'G' : 'C',
      team: world.users.get(user)?.teamId ?? world.teamId,
      ...by,
      event_ts: world.nextTs(),
    },
    channel,
  );
}

export function removeMember(
  world: Workspace,
  channel: SimChannel,
  user: string,
  actor: string,
): void {
  if (!channel.members.delete(user)) return;
  addMessage(world, channel, {
    ts: world.nextTs(),
    subtype: 'channel_leave',
    user,
    text: `<@${user}> has left the channel`,
  });
  const ts = world.nextTs();
  if (user === world.botUserId) {
    // The bot has left by now; without a channel the event is sent anyway.
    world.emit({
      type: `${prefixOf(channel)}_left`,
      channel: channel.id,
      actor_id: actor,
      event_ts: ts,
    });
    return;
  }
  const kind = channel.kind === 'group' ? 'G' : 'C';
  world.emit(
    {
      type: 'member_left_channel',
      user,
      channel: channel.id,
      channel_type: kind,
      team: world.users.get(user)?.teamId ?? world.teamId,
      event_ts: ts,
    },
    channel,
  );
}

export function archiveChannel(world: Workspace, channel: SimChannel, user: string): void {
  if (channel.isArchived) return;
  addMessage(world, channel, {
    ts: world.nextTs(),
    subtype: `${prefixOf(channel)}_archive`,
    user,
    text: `<@${user}> archived the channel`,
  });
  channel.isArchived = true;
  world.emit(
    {
      type: `${prefixOf(channel)}_archive`,
      channel: channel.id,
      user,
      is_moved: 0,
      event_ts: world.nextTs(),
    },
    channel,
  );
  world.notify();
}

/** Its members stay in it. */
export function unarchiveChannel(world: Workspace, channel: SimChannel, user: string): void {
  if (!channel.isArchived) return;
  channel.isArchived = false;
  addMessage(world, channel, {
    ts: world.nextTs(),
    subtype: `${prefixOf(channel)}_unarchive`,
    user,
    text: `<@${user}> un-archived the channel`,
  });
  world.emit(
    {
      type: `${prefixOf(channel)}_unarchive`,
      channel: channel.id,
      user,
      event_ts: world.nextTs(),
    },
    channel,
  );
  world.notify();
}

/** Its messages keep their timestamps. */
export function changeChannelId(world: Workspace, channel: SimChannel, id: string): void {
  if (world.channels.has(id)) throw new Error(`There is a channel ${id} already.`);
  const changed = { ...channel, id };
  world.channels.delete(channel.id);
  world.channels.set(id, changed);
  for (const message of channel.store.all()) channel.store.replace({ ...message, channel: id });
  world.emit(
    {
      type: 'channel_id_changed',
      old_channel_id: channel.id,
      new_channel_id: id,
      event_ts: world.nextTs(),
    },
    changed,
  );
  world.notify();
}

export function renameChannel(
  world: Workspace,
  channel: SimChannel,
  name: string,
  user: string,
): void {
  addMessage(world, channel, {
    ts: world.nextTs(),
    subtype: `${prefixOf(channel)}_name`,
    user,
    text: `<@${user}> has renamed the channel from "${channel.name}" to "${name}"`,
    name,
    old_name: channel.name,
  });
  channel.name = name;
  world.emit(
    {
      type: `${prefixOf(channel)}_rename`,
      channel: {
        id: channel.id,
        name,
        name_normalized: name,
        created: channel.created,
        is_channel: channel.kind === 'channel',
        is_mpim: false,
      },
      event_ts: world.nextTs(),
    },
    channel,
  );
  world.notify();
}
