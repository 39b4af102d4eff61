import { z } from 'zod';
import { cleanText } from '../core/text.ts';
import type { Deps } from '../jobs/deps.ts';
import { joinChannel, leaveChannel, renameChannel } from '../store/intake/channels.ts';
import { dropMember } from '../store/intake/users.ts';

/** The bot comes into channels and goes, and channels change. Each resolves once committed. */

const joinedSchema = z.looseObject({
  user: z.string(),
  channel: z.string(),
  inviter: z.string().optional(),
  event_ts: z.coerce.number(),
});

/** Somebody joined a channel: the bot itself, perhaps. */
export async function onMemberJoined({ db, self, log }: Deps, event: unknown): Promise<void> {
  const { user, channel, inviter, event_ts } = joinedSchema.parse(event);
  if (user !== self.userId) return;
  await db
    .transaction()
    .execute((tx) => joinChannel(tx, channel, { invitedBy: inviter ?? null, at: event_ts * 1000 }));
  log.info({ channel, invited: inviter !== undefined }, 'added to a channel');
}

const leftSchema = z.looseObject({ user: z.string(), channel: z.string() });

/** Somebody left a channel, and may not act in it any more. */
export async function onMemberLeft({ db }: Deps, event: unknown): Promise<void> {
  const { user, channel } = leftSchema.parse(event);
  await db.transaction().execute((tx) => dropMember(tx, channel, user));
}

const channelSchema = z.looseObject({ channel: z.string() });

/** The bot was removed from a channel, or the channel was archived. */
export async function onChannelLeft({ db, log }: Deps, event: unknown): Promise<void> {
  const { channel } = channelSchema.parse(event);
  await leaveChannel(db, channel);
  log.info({ channel }, 'left a channel');
}

const renameSchema = z.looseObject({
  channel: z.looseObject({ id: z.string(), name: z.string().transform(cleanText) }),
});

export async function onChannelRenamed({ db }: Deps, event: unknown): Promise<void> {
  const { channel } = renameSchema.parse(event);
  await db.transaction().execute((tx) => renameChannel(tx, channel.id, channel.name));
}
