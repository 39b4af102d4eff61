import { backoffMs } from '../../core/delivery/backoff.ts';
import { heldKey, needOf, PRIORITY } from '../../core/delivery/effects.ts';
import { HOUR_MS, MINUTE_MS } from '../../core/durations.ts';
import { describeHeldPosts } from '../../slack/blocks/holds.ts';
import { renderNotice } from '../../slack/blocks/notice.ts';
import type { Outcome } from '../../slack/deliver.ts';
import type { Tx } from '../../store/db/tables.ts';
import {
  endHold,
  findHold,
  type Held,
  heldEmoji,
  letTryDue,
  listWaitingChannels,
  setHold,
} from '../../store/delivery/holds.ts';
import { addEffects } from '../../store/delivery/outbox.ts';
import { markHeld, type StoredEffect } from '../../store/delivery/queue.ts';
import { markStale } from '../../store/digest/stale.ts';
import { findLastDigest, findRun } from '../../store/runs/runs.ts';
import type { Context, NextAt } from '../context.ts';

/**
 * Slack does not allow an effect until a person changes something: the channel's settings, or the
 * workspace's emoji. Everything that needs the same is held, so that it is neither tried for each
 * message nor lost. It is tried again after a while, when somebody asks, or when the emoji is back.
 */

/** Between tries of what is held. */
const RETRY = { firstMs: 15 * MINUTE_MS, mostMs: 6 * HOUR_MS };

/** Lets what is held be tried again when it is due. */
export const retryHeld = ({ db, clock }: Context): Promise<NextAt> => letTryDue(db, clock.now());

/** Holds an effect, and with it all that need the same. */
export async function recordHeld(
  context: Context,
  stored: StoredEffect,
  { reason, by }: Outcome & { kind: 'held' },
): Promise<void> {
  const { db, clock, log } = context;
  const now = clock.now();
  const held = by === 'emoji' ? findEmoji(stored) : findPlace(stored);
  if (!held) throw new Error(`${stored.key} needs nothing that could be held`);
  const isNew = await db.transaction().execute(async (tx) => {
    await markHeld(tx, stored.id, reason);
    const known = await findHold(tx, held);
    // Effects that were tried together are held once.
    if (known && known.try_at !== null) return false;
    const tryAt = now + backoffMs(known ? known.tries + 1 : 0, RETRY);
    await setHold(tx, held, { reason, tryAt, now });
    if (!known) await tell(tx, context, stored, { held, reason });
    return !known;
  });
  if (isNew) log.error({ ...held, reason }, 'Slack does not allow this; it is held until it does');
}

/** Slack has done this effect: what needs the same is held no longer. */
export async function releaseHeld(
  tx: Tx,
  { clock, log }: Pick<Context, 'clock' | 'log'>,
  stored: StoredEffect,
): Promise<void> {
  for (const held of [findPlace(stored), findEmoji(stored)]) {
    if (!held || !(await endHold(tx, held))) continue;
    log.info({ ...held }, 'Slack allows this again');
    if (held.needs !== 'emoji') continue;
    const waiting = await listWaitingChannels(tx, held);
    for (const channel of new Set([stored.channel, ...waiting])) {
      await refreshLastDigest(tx, channel, clock.now());
    }
  }
}

function findPlace({ channel, effect }: StoredEffect): Held | undefined {
  const needs = needOf(effect);
  return needs === null ? undefined : { needs, channel, emoji: '' };
}

const findEmoji = ({ effect }: StoredEffect) =>
  'name' in effect ? heldEmoji(effect.name) : undefined;

/** Tells the person who asked for the summary, or those who read the last one. */
async function tell(
  tx: Tx,
  { clock }: Context,
  { channel, effect }: StoredEffect,
  { held, reason }: { held: Held; reason: string },
): Promise<void> {
  const now = clock.now();
  if (held.needs === 'emoji') return refreshLastDigest(tx, channel, now);
  if (effect.kind !== 'post' || effect.metadata.event_type !== 'winnow_digest') return;
  const run = await findRun(tx, effect.metadata.event_payload.run ?? 0);
  if (!run?.requested_by) return;
  const words = `The summary that you asked for cannot appear. ${describeHeldPosts(reason)} It is kept until then.`;
  const notice = { kind: 'ephemeral' as const, user: run.requested_by, ...renderNotice(words) };
  const key = heldKey(run.id);
  await addEffects(tx, [{ key, channel, priority: PRIORITY.person, effect: notice }], now);
}

/** The summary says which emoji are gone. */
async function refreshLastDigest(tx: Tx, channel: string, now: number): Promise<void> {
  const run = await findLastDigest(tx, channel);
  if (run) await markStale(tx, run.id, now);
}
