import { z } from 'zod';
import { cleanText } from '../../core/text.ts';
import type { Context } from '../../jobs/context.ts';
import { joinChannel, leaveChannel, renameChannel } from '../../store/intake/channels.ts';
import { deleteMember } from '../../store/intake/users.ts';
import type { Register } from '../tools.ts';

/** People and the bot join and leave channels; channels are renamed and archived. */
export const registerMembership: Register = (app, { context, emit }) => {
  app.event('member_joined_channel', async ({ event }) => {
    await onMemberJoined(context, event);
    emit('channel');
  });
  app.event('member_left_channel', async ({ event }) => {
    await onMemberLeft(context, event);
    emit('departure');
  });

  const onLeft = async ({ event }: { event: unknown }) => onChannelLeft(context, event);
  app.event('channel_left', onLeft);
  app.event('group_left', onLeft);
  app.event('channel_archive', onLeft);
  app.event('group_archive', onLeft);

  // The sweep finds out whether the bot is still in it.
  const onUnarchived = async () => emit('channel');
  app.event('channel_unarchive', onUnarchived);
  app.event('group_unarchive', onUnarchived);

  const onRenamed = async ({ event }: { event: unknown }) => onChannelRenamed(context, event);
  app.event('channel_rename', onRenamed);
  app.event('group_rename', onRenamed);
};

const joinedSchema = z.looseObject({
  user: z.string(),
  channel: z.string(),
  inviter: z.string().optional(),
  event_ts: z.coerce.number(),
});

/** Somebody joined a channel; only the bot itself matters here. */
async function onMemberJoined(
  { db, log, workspace: { self } }: Context,
  event: unknown,
): Promise<void> {
  const { user, channel, inviter, event_ts } = joinedSchema.parse(event);
  if (user !== self.userId) return;
  await db
    .transaction()
    .execute((tx) => joinChannel(tx, channel, { invitedBy: inviter ?? null, at: event_ts * 1000 }));
  log.info({ channel, invited: inviter !== undefined }, 'added to a channel');
}

const leftSchema = z.looseObject({ user: z.string(), channel: z.string() });

/** Somebody left a channel and may no longer act in it. */
async function onMemberLeft({ db }: Context, event: unknown): Promise<void> {
  const { user, channel } = leftSchema.parse(event);
  await db.transaction().execute((tx) => deleteMember(tx, channel, user));
}

const channelSchema = z.looseObject({ channel: z.string() });

/** The bot was removed from a channel, or the channel was archived. */
async function onChannelLeft({ db, log }: Context, event: unknown): Promise<void> {
  const { channel } = channelSchema.parse(event);
  await leaveChannel(db, channel);
  log.info({ channel }, 'left a channel');
}

const renameSchema = z.looseObject({
  channel: z.looseObject({ id: z.string(), name: z.string().transform(cleanText) }),
});

async function onChannelRenamed({ db }: Context, event: unknown): Promise<void> {
  const { channel } = renameSchema.parse(event);
  await db.transaction().execute((tx) => renameChannel(tx, channel.id, channel.name));
}
