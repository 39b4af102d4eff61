import { backoffMs } from '../../core/delivery/backoff.ts';
import {
  channelOfPosts,
  type Effect,
  isLinkedFromParent,
  type NewEffect,
  PRIORITY,
  REACTION_LANE,
} from '../../core/delivery/effects.ts';
import { isSlackError } from '../../core/delivery/slack-errors.ts';
import { MINUTE_MS } from '../../core/durations.ts';
import { describeFailure, STOPPING } from '../../slack/client.ts';
import { type Deliverable, deliver, type Outcome } from '../../slack/deliver.ts';
import { findPosted } from '../../slack/find-posted.ts';
import type { Db } from '../../store/db/tables.ts';
import { addEffects } from '../../store/delivery/outbox.ts';
import { readPost } from '../../store/delivery/posts.ts';
import {
  holdLane,
  markDead,
  markDone,
  markRetry,
  markSending,
  markWaiting,
  nextEffects,
  type StoredEffect,
} from '../../store/delivery/queue.ts';
import { unpublish } from '../../store/digest/published.ts';
import { markStale } from '../../store/digest/stale.ts';
import { leaveChannel } from '../../store/intake/channels.ts';
import { type Context, type NextAt, waitForAdoption } from '../context.ts';
import { drawSummary } from '../digest/draw-summary.ts';
import { applyWaitingReactions } from '../people/reactions.ts';
import { recordHeld, releaseHeld } from './hold.ts';

/** Reactions are delivered in parallel: each is on its own message. */
const REACTIONS_AT_ONCE = 4;

/**
 * Delivers a lane of the outbox, the most important effects first and posts one after another.
 * Slack would make a post twice, so it is `sending` from before its call until its answer is
 * committed. A post found `sending` may have been made, and is looked for.
 */
export async function flushLane(
  context: Context,
  lane: string,
  stopping: AbortSignal,
): Promise<NextAt> {
  const { db, clock, log } = context;
  const channel = channelOfPosts(lane);
  const adoptedAt = channel === null ? null : waitForAdoption(context, channel);
  if (adoptedAt !== null) return adoptedAt;
  const atOnce = lane === REACTION_LANE ? REACTIONS_AT_ONCE : 1;
  while (!stopping.aborted) {
    const heldUntil = context.refusedLanes.get(lane) ?? 0;
    const left = heldUntil - clock.now();
    // Effects that were added since wait with the others. If the clock was set back, more is left.
    if (left > 0 && left <= MEND_MS) {
      await holdLane(db, lane, heldUntil);
      return heldUntil;
    }
    const next = await nextEffects(db, lane, clock.now(), atOnce);
    if (!next.due) return next.dueAt;
    const outcomes = await Promise.all(next.due.map((stored) => deliverOne(context, stored)));
    const refused = outcomes.find((outcome) => outcome?.kind === 'retry' && outcome.mend);
    if (refused?.kind !== 'retry') continue;
    const { reason } = refused;
    const until = clock.now() + MEND_MS;
    log.error({ lane, reason, until }, 'Slack refuses the app itself; its settings need a look');
    context.refusedLanes.set(lane, until);
    await holdLane(db, lane, until);
  }
  return null;
}

/** How long Slack may take to show a post whose answer was lost. */
const SETTLE_MS = 5_000;

/** Between tries of what a person has to fix. */
const MEND_MS = 5 * MINUTE_MS;

/** @returns the outcome; undefined when it was settled without a try */
async function deliverOne(context: Context, stored: StoredEffect): Promise<Outcome | undefined> {
  const { db, slack, clock } = context;
  if (stored.state === 'sending' && stored.sendingSince !== null) {
    const settled = await resolveEarlierTry(context, stored, stored.sendingSince);
    if (settled) return undefined;
  }
  const { effect } = stored;
  // Before a try begins: if the process dies while this counts, it counts again.
  const drawn =
    effect.kind === 'summary' ? await drawSummary(context, stored.channel, effect) : null;
  const now = clock.now();
  // A reaction added twice is added once: it needs no commit before its call.
  if (effect.kind !== 'update' && effect.kind !== 'react' && effect.kind !== 'unreact') {
    await markSending(db, stored.id, { now, nextAt: now + SETTLE_MS });
  }
  // Nor does an update. But changes from now on must add another update.
  if (effect.kind === 'update') await markSending(db, stored.id, { now, nextAt: now });
  const deliverable = drawn ?? (await resolve(db, stored));
  // It was deleted since it was read.
  if (!deliverable && effect.kind === 'post') return undefined;
  const outcome: Outcome = deliverable
    ? await deliver(slack, stored.channel, deliverable, stored.parentTs ?? threadOf(effect))
    : { kind: 'dead', reason: 'there is no post to update' };
  await recordOutcome(context, stored, outcome);
  return outcome;
}

/** A post, or an update of one, sends what the post shows at present. */
async function resolve(db: Db, { key, effect }: StoredEffect): Promise<Deliverable | undefined> {
  if (effect.kind === 'summary') return undefined;
  if (effect.kind !== 'update' && effect.kind !== 'post') return effect;
  const post = await readPost(db, effect.kind === 'post' ? key : effect.post);
  return post && { ...post, kind: effect.kind };
}

const threadOf = (effect: Effect) =>
  ((effect.kind === 'post' || effect.kind === 'answer') && effect.threadTs) || null;

/**
 * An earlier try may have reached Slack: the process was killed, the call timed out, or Slack
 * answered with an error after it did the work. @returns true when nothing is to be sent now
 */
async function resolveEarlierTry(
  context: Context,
  stored: StoredEffect,
  since: number,
): Promise<boolean> {
  const {
    db,
    slack,
    clock,
    log,
    workspace: { self },
  } = context;
  const { id, key, channel, effect } = stored;
  const threadTs = stored.parentTs ?? threadOf(effect);
  const now = clock.now();
  if (effect.kind === 'ephemeral' || effect.kind === 'summary') {
    // Slack could not be searched. A missing post is better than a double one.
    const trouble = 'its answer was lost; maybe not seen';
    log.warn({ effect: key }, trouble);
    await markDone(db, id, { postedTs: null, trouble }, now);
    return true;
  }
  if (effect.kind !== 'post' && effect.kind !== 'answer') return false;
  // The post that is there may carry a key with the id that the channel had then.
  const former = context.channelIds.formerOf(channel).map((id) => key.replaceAll(channel, id));
  const post = { channel, threadTs, keys: [key, ...former], since, now, botId: self.botId };
  const found = await findPosted(slack, post);
  if (found.kind !== 'ok') {
    const trouble = `looking for an earlier try: ${describeFailure(found)}`;
    const away = found.kind === 'refused' && isSlackError(found.error, 'away');
    if (away && effect.kind !== 'answer') {
      // It stays `sending`: it may have been made, and is looked for after the bot's return.
      await leaveChannelGone(context, channel, found.error);
      return true;
    }
    if (found.kind === 'refused' && (away || found.error === 'thread_not_found')) {
      await bury(context, stored, found.error);
      return true;
    }
    const at = now + backoffMs(stored.attempts + 1);
    await markRetry(db, id, { at, reached: true, trouble });
    return true;
  }
  if (found.value === undefined) return false;
  log.info({ effect: key, ts: found.value }, 'found the post of a lost answer');
  await recordDone(context, stored, { postedTs: found.value, trouble: null, allowed: true });
  return true;
}

/**
 * People may have reacted to a card before its ts was known here. The summary links to a list from
 * now on.
 */
async function recordDone(
  context: Context,
  stored: StoredEffect,
  done: { postedTs: string | null; trouble: string | null; allowed: boolean },
): Promise<void> {
  const { db, clock } = context;
  const { id, key, channel, effect } = stored;
  await db.transaction().execute(async (tx) => {
    await markDone(tx, id, done, clock.now());
    if (done.allowed) await releaseHeld(tx, context, stored);
    if (effect.kind !== 'post' || !done.postedTs) return;
    const { event_type, event_payload } = effect.metadata;
    if (event_type === 'winnow_card')
      await applyWaitingReactions(tx, context, channel, done.postedTs);
    if (isLinkedFromParent(key) && event_payload.run)
      await markStale(tx, event_payload.run, clock.now());
  });
}

/** The bot was removed meanwhile: the channel's effects continue when it is invited again. */
async function leaveChannelGone(
  { db, log }: Context,
  channel: string,
  reason: string,
): Promise<void> {
  log.warn({ channel, reason }, 'not in a channel any more; its posts wait for an invitation');
  await leaveChannel(db, channel);
}

async function recordOutcome(
  context: Context,
  stored: StoredEffect,
  outcome: Outcome,
): Promise<void> {
  const { db, clock, log } = context;
  const { id, key } = stored;
  const now = clock.now();
  switch (outcome.kind) {
    case 'done':
      if (outcome.note) log.debug({ effect: key, note: outcome.note }, 'delivered with a note');
      await recordDone(context, stored, {
        postedTs: outcome.ts,
        trouble: outcome.note,
        allowed: outcome.allowed,
      });
      return;
    case 'limited':
      log.info({ effect: key, until: outcome.until }, 'Slack asks to wait');
      await markWaiting(db, id, outcome.until);
      return;
    case 'retry': {
      const { reason, reached, mend } = outcome;
      // It was not sent: the next process sends it at once.
      if (reason === STOPPING) return await markWaiting(db, id, now);
      const wait = mend ? MEND_MS : Math.max(reached ? SETTLE_MS : 0, backoffMs(stored.attempts));
      const fields = { effect: key, reason, attempts: stored.attempts + 1, nextAt: now + wait };
      // If the app itself is at fault, its lane logs that once.
      if (!mend) log.warn(fields, 'not delivered; it is tried again');
      await markRetry(db, id, { at: now + wait, reached, trouble: reason });
      return;
    }
    case 'held':
      if (stored.effect.kind === 'answer') await answerAside(context, stored, stored.effect);
      else await recordHeld(context, stored, outcome);
      return;
    case 'away':
      await leaveChannelGone(context, stored.channel, outcome.reason);
      await markWaiting(db, id, now);
      return;
    case 'dead':
      log.error(
        { effect: key, channel: stored.channel, reason: outcome.reason },
        'Slack refuses this for good; given up',
      );
      await bury(context, stored, outcome.reason);
      return;
    default:
      outcome satisfies never;
  }
}

/** The channel does not allow the answer: only the person who asked gets to see it. */
async function answerAside(
  { db, clock }: Context,
  { id, key, channel }: StoredEffect,
  { user, text, blocks }: Effect & { kind: 'answer' },
): Promise<void> {
  const now = clock.now();
  const aside: NewEffect = {
    key: `${key}-aside`,
    channel,
    priority: PRIORITY.person,
    effect: { kind: 'ephemeral', user, text, blocks },
  };
  await db.transaction().execute(async (tx) => {
    await markDone(tx, id, { postedTs: null, trouble: 'said to one person alone' }, now);
    await addEffects(tx, [aside], now);
  });
}

/**
 * Marks an effect that can never be delivered. What a dead summary would have published goes into
 * the next one.
 */
async function bury({ db, clock }: Context, { key, effect }: StoredEffect, reason: string) {
  await db.transaction().execute(async (tx) => {
    await markDead(tx, key, reason, clock.now());
    if (effect.kind === 'post' && effect.metadata.event_type === 'winnow_digest') {
      await unpublish(tx, effect.metadata.event_payload.run ?? 0);
    }
  });
}
