import { z } from 'zod';
import { TS_PATTERN } from '../../core/timestamps.ts';
import { type Context, isWatched } from '../../jobs/context.ts';
import { applyReaction } from '../../jobs/people/reactions.ts';
import { recordPresence } from '../../store/intake/channels.ts';
import type { Register } from '../tools.ts';

const reactionSchema = z.looseObject({
  type: z.enum(['reaction_added', 'reaction_removed']),
  user: z.string(),
  reaction: z.string().max(200),
  event_ts: z.string(),
  item: z.looseObject({
    type: z.string(),
    channel: z.string(),
    ts: z.string().regex(TS_PATTERN),
  }),
});

/** Somebody adds a reaction to a message or removes it. */
export const registerReaction: Register = (app, { context, emit }) => {
  const onEvent = async ({ event }: { event: unknown }) => {
    await onReaction(context, event);
    emit('act');
  };
  app.event('reaction_added', onEvent);
  app.event('reaction_removed', onEvent);
};

/** Commits the reaction. */
async function onReaction(context: Context, event: unknown): Promise<void> {
  const {
    db,
    log,
    workspace: { self },
  } = context;
  const parsed = reactionSchema.safeParse(event);
  if (!parsed.success) {
    log.debug({}, 'ignored a reaction on something that is not a message');
    return;
  }
  const { type, user, reaction: name, event_ts: changedTs, item } = parsed.data;
  const { channel, ts: itemTs } = item;
  if (user === self.userId || item.type !== 'message' || !isWatched(context, channel)) return;
  const present = type === 'reaction_added';
  await db.transaction().execute(async (tx) => {
    await recordPresence(tx, channel);
    await applyReaction(tx, context, { channel, itemTs, user, name, present, changedTs });
  });
}
