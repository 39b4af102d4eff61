import {
  type Effect,
  laneOf,
  type NewEffect,
  needOf,
  type Rendered,
} from '../../core/delivery/effects.ts';
import type { Tx } from '../db/tables.ts';

/**
 * The outbox: effects go from `waiting` through `sending` (a try may have reached Slack) to `done`
 * or `dead`. A row that was ever tried is never deleted: its key keeps the effect from happening
 * twice. This file adds effects, queue.ts hands them out for delivery, posts.ts finds posts.
 */

/** The key of the post that must exist first: the post to update, or a reply's parent. */
function parentOf(effect: Effect): string | null {
  if (effect.kind === 'update') return effect.post;
  return (effect.kind === 'post' && effect.parent) || null;
}

/** What it changes. Effects on one target run in order. */
function aboutOf(effect: Effect): string | null {
  if (effect.kind === 'update') return effect.post;
  return 'ts' in effect ? effect.ts : null;
}

/** SQLite takes 32,766 variables a statement, and a summary may have thousands of cards. */
const ROWS_AT_ONCE = 1000;

/** Adds effects. An effect with a known key was added before and is left as it is. */
export async function addEffects(tx: Tx, effects: NewEffect[], now: number): Promise<void> {
  for (let start = 0; start < effects.length; start += ROWS_AT_ONCE) {
    await tx
      .insertInto('outbox')
      .values(
        effects.slice(start, start + ROWS_AT_ONCE).map((entry) => ({
          key: entry.key,
          lane: laneOf(entry),
          channel: entry.channel,
          priority: entry.priority,
          effect: JSON.stringify(entry.effect),
          parent: parentOf(entry.effect),
          about: aboutOf(entry.effect),
          state: 'waiting' as const,
          next_at: now,
          sending_since: null,
          posted_ts: null,
          trouble: null,
          created_at: now,
          ended_at: null,
          needs: needOf(entry.effect),
          emoji: 'name' in entry.effect ? entry.effect.name : null,
        })),
      )
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute();
  }
}

/**
 * Sets what a post shows from now on. A post that has not been sent yet is changed in place;
 * otherwise an update is added. Further changes join the update that is waiting.
 * @param afterMs how long to wait for further changes
 */
export async function refreshPost(
  tx: Tx,
  { key, priority, rendered }: { key: string; priority: number; rendered: Rendered },
  now: number,
  afterMs: number,
): Promise<void> {
  const post = await tx
    .selectFrom('outbox')
    .select(['channel', 'state', 'effect'])
    .where('key', '=', key)
    .executeTakeFirst();
  if (!post || post.state === 'dead') return;
  const { text, blocks } = rendered;
  const effect = JSON.stringify({ ...JSON.parse(post.effect), text, blocks });
  if (post.effect === effect) return;
  await tx.updateTable('outbox').set({ effect }).where('key', '=', key).execute();
  if (post.state === 'waiting') return;
  const waiting = await tx
    .selectFrom('outbox')
    .select('id')
    .where('parent', '=', key)
    .where('lane', '=', `update ${post.channel}`)
    // A post that is `sending` may have been read before this change.
    .where('state', '=', 'waiting')
    .executeTakeFirst();
  if (waiting) return;
  const { newest } = await tx
    .selectFrom('outbox')
    .select((eb) => eb.fn.max('id').as('newest'))
    .executeTakeFirstOrThrow();
  const update: NewEffect = {
    key: `update-${newest + 1}`,
    channel: post.channel,
    priority,
    effect: { kind: 'update', post: key },
  };
  await addEffects(tx, [update], now + afterMs);
}

/** Deletes effects that are no longer wanted, unless a try may have reached Slack. */
export async function cancelUnsent(tx: Tx, keys: string[]): Promise<void> {
  if (keys.length === 0) return;
  await tx
    .deleteFrom('outbox')
    .where('key', 'in', keys)
    .where('state', '=', 'waiting')
    .where('sending_since', 'is', null)
    .execute();
}
