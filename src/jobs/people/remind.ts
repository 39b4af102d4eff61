import { PRIORITY, reminderKey } from '../../core/delivery/effects.ts';
import { renderReminder } from '../../slack/blocks/people/follow-up.ts';
import { addEffects } from '../../store/delivery/outbox.ts';
import { readCards } from '../../store/people/cards.ts';
import { findOldestUnreminded, listFlagsToRemind, updateFlag } from '../../store/people/flags.ts';
import type { Context, NextAt } from '../context.ts';
import { readRenderContext } from '../render-context.ts';

const AT_ONCE = 20;

/**
 * Posts one reminder, in the thread of its message, about a flag that nobody has touched for a
 * while.
 */
export async function remind(context: Context): Promise<NextAt> {
  const {
    db,
    clock,
    settings: { remindAfterMs },
  } = context;
  if (remindAfterMs === null) return null;
  const now = clock.now();
  // Somebody may have touched a flag, or deleted its message, while no events arrived.
  const caughtUpAt = context.catchUp.waitForAll(now);
  if (caughtUpAt !== null) return caughtUpAt;
  const flags = await listFlagsToRemind(db, now - remindAfterMs, AT_ONCE);
  for (const { channel, ts, opened_at } of flags) {
    await db.transaction().execute(async (tx) => {
      await updateFlag(tx, { channel, ts }, { reminded_at: now });
      const [card] = await readCards(tx, channel, [ts]);
      if (!card) return;
      const key = reminderKey(channel, ts);
      const renderContext = await readRenderContext(context, tx);
      const effect = {
        kind: 'post' as const,
        threadTs: card.threadTs ?? ts,
        metadata: { event_type: 'winnow_reminder' as const, event_payload: { key, channel, ts } },
        ...renderReminder(card, now - opened_at, renderContext),
      };
      await addEffects(tx, [{ key, channel, priority: PRIORITY.reply, effect }], now);
    });
  }
  if (flags.length === AT_ONCE) return now;
  const oldest = await findOldestUnreminded(db);
  return oldest === null ? null : oldest + remindAfterMs;
}
