import type { SlackMessage } from '../../core/intake/message.ts';
import { interpretReaction } from '../../core/people/acts.ts';
import type { Tx } from '../../store/db/tables.ts';
import { findPostByTs } from '../../store/delivery/posts.ts';
import { readMessage } from '../../store/intake/messages.ts';
import { askAct, findAct } from '../../store/people/acts.ts';
import { findCardMessage } from '../../store/people/flags.ts';
import {
  listReactions,
  type ReactionChange,
  type StoredReaction,
  setReaction,
  setReactionAct,
  upsertReaction,
} from '../../store/people/reactions.ts';
import type { Context } from '../context.ts';

/**
 * Turns people's reactions into acts: adding one asks for what its emoji means, removing it asks to
 * undo exactly that. They come from events, or from history when an event was missed; a repetition
 * changes nothing.
 */
export async function applyReaction(
  tx: Tx,
  context: Context,
  change: ReactionChange,
): Promise<void> {
  const stored = await upsertReaction(tx, change, context.clock.now());
  if (stored) await askFor(tx, context, stored);
}

/**
 * A message or post has become known: applies the reactions on it that arrived earlier.
 * @param itemTs of the message, or of the bot's post
 */
export async function applyWaitingReactions(
  tx: Tx,
  context: Context,
  channel: string,
  itemTs: string,
): Promise<void> {
  for (const stored of await listReactions(tx, channel, itemTs)) {
    if (stored.present && stored.act === null) await askFor(tx, context, stored);
  }
}

/**
 * Applies the reactions on a message or post as history shows them: those that no event reported,
 * and the removal of those that are gone.
 * @param readAt when reading history began, in ms: later events outrank it
 */
export async function syncReactions(
  tx: Tx,
  context: Context,
  channel: string,
  { ts: itemTs, reactions = [] }: Pick<SlackMessage, 'ts' | 'reactions'>,
  readAt: number,
): Promise<void> {
  const known = await listReactions(tx, channel, itemTs);
  if (known.length === 0 && reactions.length === 0) return;
  const find = (user: string, name: string) =>
    known.find((one) => one.user === user && one.name === name);
  const shown = new Set<string>();
  // If there are many users, Slack may leave some out; then nobody can be said to be missing.
  const partial = new Set<string>();
  for (const { name, users, count } of reactions) {
    if (users.length < count) partial.add(name);
    for (const user of users) {
      if (user === context.workspace.self.userId) continue;
      shown.add(`${user} ${name}`);
      const heard = find(user, name);
      if (heard && (heard.present || heard.heard_at >= readAt)) continue;
      await forceReaction(tx, context, { channel, itemTs, user, name, present: true });
    }
  }
  for (const { user, name, present, heard_at } of known) {
    const there = shown.has(`${user} ${name}`) || partial.has(name);
    if (there || !present || heard_at >= readAt) continue;
    await forceReaction(tx, context, { channel, itemTs, user, name, present: false });
  }
  await applyWaitingReactions(tx, context, channel, itemTs);
}

async function forceReaction(
  tx: Tx,
  context: Context,
  change: Omit<ReactionChange, 'changedTs'>,
): Promise<void> {
  const stored = await setReaction(tx, change, context.clock.now());
  await askFor(tx, context, stored);
}

async function askFor(tx: Tx, context: Context, stored: StoredReaction): Promise<void> {
  const { channel, item_ts: itemTs, user, name, act } = stored;
  const now = context.clock.now();
  if (!stored.present) {
    if (act === null) return;
    const target = await findTarget(tx, channel, itemTs);
    if (!target) return;
    // A copy may have taken the place of the message, and the act with it.
    const { ts } = (await findAct(tx, act)) ?? target;
    const undo = { channel, ts, user, kind: 'undo', source: 'reaction' } as const;
    await askAct(tx, { ...undo, undoes: act }, now);
    await setReactionAct(tx, stored, null);
    return;
  }
  const meaning = interpretReaction(name, context.settings.emoji, context.settings.taxonomy);
  if (!meaning) return;
  const target = await findTarget(tx, channel, itemTs);
  // A 👍 on a card is about the verdict; on a message it may mean anything.
  if (!target || (meaning.kind === 'confirm' && !target.card)) return;
  const id = await askAct(
    tx,
    { channel, ts: target.ts, user, source: 'reaction', ...meaning },
    now,
  );
  await setReactionAct(tx, stored, id);
}

/** The message that a reaction is about: the one with the reaction, or the one of the card. */
async function findTarget(
  tx: Tx,
  channel: string,
  itemTs: string,
): Promise<{ ts: string; card: boolean } | undefined> {
  if (await readMessage(tx, channel, itemTs)) return { ts: itemTs, card: false };
  const post = await findPostByTs(tx, channel, itemTs);
  if (post?.metadata.event_type !== 'winnow_card') return undefined;
  const { key, ts } = post.metadata.event_payload;
  // A copy may have taken the place of the message that the card was posted for.
  const now = (await findCardMessage(tx, channel, key)) ?? ts;
  return now === undefined ? undefined : { ts: now, card: true };
}
