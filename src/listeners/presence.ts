import { z } from 'zod';
import { type Context, isWatched } from '../jobs/context.ts';
import { discoverChannel, findChannel } from '../store/intake/channels.ts';

/**
 * Slack sends what is written in a channel, and reactions, only to those who are in it. So any of it
 * makes a channel one that the bot is a member of, also one that it believes to have left. Slack's own
 * notices that a channel was left or archived may come after the event that says so.
 */
const ENDINGS = new Set(['channel_archive', 'group_archive', 'channel_leave', 'group_leave']);

const place = z.string().regex(/^[CG]/);

const bodySchema = z.looseObject({
  event: z.union([
    z
      .looseObject({
        type: z.literal('message'),
        subtype: z
          .string()
          .refine((subtype) => !ENDINGS.has(subtype))
          .optional(),
        channel: place,
      })
      .transform(({ channel }) => channel),
    z
      .looseObject({
        type: z.enum(['reaction_added', 'reaction_removed']),
        item: z.looseObject({ channel: place }),
      })
      .transform(({ item }) => item.channel),
  ]),
});

/** Commits that the bot is in the channel that an event comes from. */
export async function recordPresence(context: Context, body: unknown): Promise<void> {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return;
  const channel = parsed.data.event;
  if (!isWatched(context, channel)) return;
  if ((await findChannel(context.db, channel))?.state === 'member') return;
  await discoverChannel(context.db, channel, null);
}
