import { SHOWN } from '../../claude/prompt.ts';
import { PRIORITY } from '../../core/delivery/effects.ts';
import { DAY_MS } from '../../core/durations.ts';
import { interpretMessage } from '../../core/intake/message.ts';
import { msToTs, tsToMs } from '../../core/timestamps.ts';
import { OFFERED_DAYS, renderOffer } from '../../slack/blocks/offer.ts';
import { readHistory } from '../../slack/history.ts';
import { addEffects } from '../../store/delivery/outbox.ts';
import { listDueOffers, setChannelOffer } from '../../store/intake/channels.ts';
import type { Context, NextAt } from '../context.ts';
import { quoteRun } from '../runs/price.ts';

/** Counting stops here. If not everything was counted, the offer says "more than". */
const COUNT_LIMIT = 10_000;

/**
 * Offers older messages to the person who added the bot to a channel, once and privately, with
 * their number and price. Nothing is collected before they accept.
 */
export async function makeOffers(context: Context): Promise<NextAt> {
  const {
    db,
    slack,
    clock,
    workspace: { self },
  } = context;
  for (const { id: channel, invited_by: user, since_ts: since } of await listDueOffers(db)) {
    if (!user || !since) continue;
    const arrived = tsToMs(since);
    const choices = OFFERED_DAYS.map((days) => ({
      days,
      messages: 0,
      characters: 0,
      oldest: msToTs(arrived - days * DAY_MS),
    }));
    const oldest = choices.map((choice) => choice.oldest).sort()[0] ?? since;
    let read = 0;
    let complete = false;
    for await (const page of readHistory(slack, channel, { oldest, latest: since })) {
      for (const message of page.messages) {
        const intake = interpretMessage(channel, message, self);
        if (intake.kind !== 'message') continue;
        for (const choice of choices) {
          if (message.ts < choice.oldest) continue;
          choice.messages++;
          choice.characters += Math.min(intake.message.text.length, SHOWN.message);
        }
      }
      read += page.messages.length;
      complete = page.whole;
      if (read >= COUNT_LIMIT) break;
    }
    const offered: Parameters<typeof renderOffer>[1] = [];
    for (const { days, messages, characters } of choices) {
      const usd = await quoteRun(db, context, channel, { messages, characters });
      offered.push({ days, messages, usd });
    }
    await db.transaction().execute(async (tx) => {
      await setChannelOffer(tx, channel, 'made');
      if (offered.every(({ messages }) => messages === 0)) return;
      const effect = {
        kind: 'ephemeral' as const,
        user,
        ...renderOffer(channel, offered, !complete, context.settings),
      };
      const key = `offer-${channel}-${since}`;
      await addEffects(tx, [{ key, channel, priority: PRIORITY.person, effect }], clock.now());
    });
  }
  return null;
}
