import { SHOWN } from '../../claude/prompt.ts';
import { PRIORITY } from '../../core/delivery/effects.ts';
import { DAY_MS, MINUTE_MS } from '../../core/durations.ts';
import { interpretMessage } from '../../core/intake/message.ts';
import { msToTs, tsToMs } from '../../core/timestamps.ts';
import { haveSameTime } from '../../core/zones.ts';
import { OFFERED_DAYS, type Offer, renderGreeting } from '../../slack/blocks/greeting.ts';
import { readHistory } from '../../slack/history.ts';
import { addEffects } from '../../store/delivery/outbox.ts';
import { listDueOffers, setChannelOffer } from '../../store/intake/channels.ts';
import type { Context, NextAt } from '../context.ts';
import { quoteRun } from '../runs/price.ts';
import { nextTime } from '../runs/schedule.ts';
import { readSettings } from '../settings/in-force.ts';
import { readTimeZone } from './names.ts';

/** Counting stops here. If not everything was counted, the offer says "or more". */
const COUNT_LIMIT = 10_000;

/** And after this time: some apps may read only one page a minute, and others want to read too. */
const COUNT_MS = 2 * MINUTE_MS;

/** What a server runs by that nobody has told of a time zone. */
const DEFAULT_ZONE = 'UTC';

/**
 * Greets the person who added the bot to a channel, once and privately. They are offered older
 * messages, with their number and price: nothing is collected before they accept. Where nobody has
 * chosen a time zone yet, they are offered theirs.
 */
export async function greetInviters(context: Context): Promise<NextAt> {
  const { db, clock, settings, hosted } = context;
  for (const { id: channel, invited_by: user, since_ts: since } of await listDueOffers(db)) {
    if (!user || !since) continue;
    const offer = await countOlder(context, channel, since);
    const greeting = renderGreeting(channel, {
      ...settings,
      hosted,
      offer: offer.choices.some(({ messages }) => messages > 0) ? offer : null,
      nextSummaryAt: nextTime(settings.summarySchedule, settings.timeZone, clock.now()),
      theirZone: await findOtherZone(context, user),
    });
    await db.transaction().execute(async (tx) => {
      await setChannelOffer(tx, channel, 'made');
      const effect = { kind: 'ephemeral' as const, user, ...greeting };
      const key = `offer-${channel}-${since}`;
      await addEffects(tx, [{ key, channel, priority: PRIORITY.person, effect }], clock.now());
    });
  }
  return null;
}

/** Counts what was posted in the channel before the bot came, and what it would cost. */
async function countOlder(context: Context, channel: string, since: string): Promise<Offer> {
  const { db, slack, clock, workspace } = context;
  const arrived = tsToMs(since);
  const counts = OFFERED_DAYS.map((days) => ({
    days,
    messages: 0,
    characters: 0,
    oldest: msToTs(arrived - days * DAY_MS),
  }));
  const oldest = counts.map((choice) => choice.oldest).sort()[0] ?? since;
  let read = 0;
  let complete = false;
  const endsAt = clock.now() + COUNT_MS;
  for await (const page of readHistory(slack, channel, { oldest, latest: since })) {
    for (const message of page.messages) {
      const intake = interpretMessage(channel, message, workspace.self);
      if (intake.kind !== 'message') continue;
      for (const choice of counts) {
        if (message.ts < choice.oldest) continue;
        choice.messages++;
        choice.characters += Math.min(intake.message.text.length, SHOWN.message);
      }
    }
    read += page.messages.length;
    complete = page.whole;
    if (read >= COUNT_LIMIT || clock.now() >= endsAt) break;
  }
  const choices: Offer['choices'] = [];
  for (const { days, messages, characters } of counts) {
    const usd = await quoteRun(db, context, channel, { messages, characters });
    choices.push({ days, messages, usd });
  }
  return { choices, more: !complete };
}

/** The person's time zone, where nobody has chosen one and theirs has other times; else null. */
async function findOtherZone(context: Context, user: string): Promise<string | null> {
  const { db, clock, settings } = context;
  if (settings.timeZone !== DEFAULT_ZONE) return null;
  if ((await readSettings(db, context)).change) return null;
  const zone = await readTimeZone(context, user);
  return zone === null || haveSameTime(zone, settings.timeZone, clock.now()) ? null : zone;
}
