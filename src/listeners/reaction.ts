import { z } from 'zod';
import { TS_PATTERN } from '../core/timestamps.ts';
import { type Deps, isWatched } from '../jobs/deps.ts';
import { takeReaction } from '../jobs/people/reactions.ts';

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

/** Somebody put a reaction on a message or took it back. Resolves once committed. */
export async function onReaction(deps: Deps, event: unknown): Promise<void> {
  const { db, self, log } = deps;
  const parsed = reactionSchema.safeParse(event);
  if (!parsed.success) {
    log.debug({}, 'a reaction on something else than a message');
    return;
  }
  const { type, user, reaction: name, event_ts: changedTs, item } = parsed.data;
  const { channel, ts: itemTs } = item;
  if (user === self.userId || item.type !== 'message' || !isWatched(deps, channel)) return;
  const present = type === 'reaction_added';
  await db
    .transaction()
    .execute((tx) => takeReaction(tx, deps, { channel, itemTs, user, name, present, changedTs }));
}
