import { hasEmoji } from '../../core/people/emoji.ts';
import { describeFailure } from '../../slack/client.ts';
import { listEmoji } from '../../slack/emoji.ts';
import {
  endHold,
  findHold,
  giveUpEmoji,
  heldEmoji,
  letTry,
  listGoneEmoji,
  listWaitingChannels,
  setHold,
} from '../../store/delivery/holds.ts';
import type { Context } from '../context.ts';
import { inTime } from '../people/permissions.ts';

/** A person's modal has three seconds in all, of which asking who they are may take half. */
const TIMEOUT_MS = 1_000;

/** All emoji of the workspace, for a person who waits; undefined when Slack does not list them in time. */
export function listEmojiInTime(context: Context): Promise<string[] | undefined> {
  const listed = listKnownEmoji(context);
  return inTime(context, TIMEOUT_MS, listed, undefined);
}

/** @returns undefined when Slack does not list them */
async function listKnownEmoji({ slack, log }: Context): Promise<string[] | undefined> {
  const answer = await listEmoji(slack);
  if (answer.kind === 'ok') return answer.value;
  log.warn({ reason: describeFailure(answer) }, 'the emoji of the workspace are not known');
  return undefined;
}

/** Slack's code for an emoji that it does not know. */
const UNKNOWN = 'invalid_name';

/**
 * Compares the emoji that the bot reacts with to those of the workspace. One that is gone is held
 * before a message needs it; what waits for one that is back is tried again; nothing waits for one
 * that no category uses any more.
 */
export async function checkEmoji(context: Context): Promise<void> {
  const { db, clock, log, settings } = context;
  const names = await listKnownEmoji(context);
  // Without the list, what is held is tried again from time to time.
  if (!names) return;
  const categories = settings.taxonomy.categories.flatMap(({ emoji }) => emoji ?? []);
  const used = new Set([...categories, settings.emoji.flag]);
  for (const name of used) {
    if (hasEmoji(names, name)) continue;
    const isNew = await db.transaction().execute(async (tx) => {
      if (await findHold(tx, heldEmoji(name))) return false;
      // Slack's list may be incomplete: the first reaction is tried.
      await setHold(tx, heldEmoji(name), { reason: UNKNOWN, tryAt: null, now: clock.now() });
      return true;
    });
    if (isNew) log.error({ emoji: name }, 'the workspace does not have an emoji that I react with');
  }
  for (const name of await listGoneEmoji(db)) {
    const held = heldEmoji(name);
    if (!hasEmoji(names, name)) {
      if (used.has(name)) continue;
      await db.transaction().execute((tx) => giveUpEmoji(tx, name, UNKNOWN, clock.now()));
    } else if ((await listWaitingChannels(db, held)).length > 0) await letTry(db, held);
    else await endHold(db, held);
  }
}
