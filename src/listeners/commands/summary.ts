import { PRIORITY } from '../../core/delivery/effects.ts';
import { spanOf } from '../../core/since.ts';
import type { Context } from '../../jobs/context.ts';
import { findPerson } from '../../jobs/intake/names.ts';
import { addEffects } from '../../store/delivery/outbox.ts';
import { countPending } from '../../store/home/facts.ts';
import type { Asked, Subcommand } from './asked.ts';
import { findNearest } from './nearest.ts';
import { COMMAND, format, quoteTyped } from './wording.ts';

/**
 * `/classify-feedback summary today|7d|30d`: a summary that only the asker sees. The command answers
 * at once; the summary follows through the outbox, which replaces its chart by words where the
 * workspace refuses charts.
 */

/** The periods, each with other words that people may try instead. */
const PERIODS: Record<string, readonly string[]> = {
  today: ['day', 'now', '24h', 'daily'],
  '7d': ['week', '1w', '7', 'weekly'],
  '30d': ['month', '1m', '30', 'monthly'],
};

const MAX_DAYS = 90;

/** @returns how many days; undefined for a word that is no number of days, or too many */
function parseDays(word: string): number | undefined {
  if (word === 'today') return 1;
  const days = Number(/^(\d{1,3})d$/.exec(word)?.[1]);
  return days >= 1 && days <= MAX_DAYS ? days : undefined;
}

export const summaryCommand: Subcommand = {
  group: 'look',
  usage: '[today | 7d | 30d]',
  help: 'statistics for a period, visible only to you',
  example: '7d',
  also: ['digest', 'report', 'overview', 'today'],
  answer: answerSummary,
};

async function answerSummary(context: Context, { channel, user, rest }: Asked): Promise<string> {
  const { db, clock } = context;
  const days = parseDays(rest.toLowerCase() || 'today');
  if (days === undefined) return renderUnknown(rest);
  const reader = await findPerson(context, user);
  const { timeZone, locale } = reader;
  const now = clock.now();
  const span = spanOf(days, now, timeZone);
  const effect = { kind: 'summary' as const, user, span, timeZone, locale };
  const key = `summary-${channel}-${user}-${now}`;
  await db
    .transaction()
    .execute((tx) => addEffects(tx, [{ key, channel, priority: PRIORITY.person, effect }], now));
  const pending = (await countPending(db, [channel])).get(channel) ?? 0;
  const waiting =
    pending > 0
      ? ` What is not classified yet (${format(pending, reader)}) is not in it: \`${COMMAND}\` classifies it.`
      : '';
  return `Summing up ${days === 1 ? 'today' : `the last ${days} days`}, visible only to you.${waiting}`;
}

function renderUnknown(typed: string): string {
  const nearest = findNearest(typed, PERIODS);
  const unknown = `Unknown period ${quoteTyped(typed)}.`;
  if (nearest) return `${unknown} Did you mean \`${COMMAND} summary ${nearest}\`?`;
  const words = Object.keys(PERIODS).map((word) => `\`${COMMAND} summary ${word}\``);
  return `${unknown} There are ${words.join(', ')}, or other days up to ${MAX_DAYS}.`;
}
