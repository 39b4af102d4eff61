import {
  count as countWith,
  escapeMrkdwn,
  formatNumber,
  formatUsd,
  shorten,
} from '../../core/text.ts';
import type { Context } from '../../jobs/context.ts';
import { listSchedules, nextTime } from '../../jobs/runs/schedule.ts';
import { findUser } from '../../store/intake/users.ts';
import { findLastSettingsChange } from '../../store/settings/settings.ts';

/** What several of the command's answers say in the same words. */

export const COMMAND = '/classify-feedback';

/** What somebody has typed, as code: shortened, and unable to end it. */
export const quoteTyped = (typed: string) =>
  `\`${escapeMrkdwn(shorten(typed.replace(/`/g, "'"), 40))}\``;

/** Whoever reads it: an IANA name, and a language tag. */
interface Reader {
  timeZone: string;
  locale: string;
}

/** A number as the reader writes it. */
export const format = (n: number, { locale }: Reader) => formatNumber(n, locale);

/** With its noun: `1 message`, `2,000 messages`. */
export const count = (n: number, noun: string, { locale }: Reader, plural = `${noun}s`) =>
  countWith(n, noun, plural, locale);

export function nextSchedule(context: Context, reader: Reader): string {
  const now = context.clock.now();
  const times = listSchedules(context).flatMap(({ key, pattern }) => {
    const next = nextTime(pattern, context.settings.timeZone, now);
    return next === null
      ? []
      : [`${key === 'summary' ? 'summary' : 'quiet run'} ${when(next, reader)}`];
  });
  return times.length === 0 ? '' : `*Next on schedule*: ${times.join(', ')}`;
}

export const price = ({ settings: { model } }: Context, usd: number | null) =>
  usd === null ? `a price that I do not know for ${model}` : `at most about ${formatUsd(usd)}`;

/**
 * A moment in the reader's own time zone, as Slack shows it.
 * @param reader whose zone and language the words are in that stand for it where Slack shows none
 */
export function when(ms: number, { timeZone, locale }: Reader): string {
  const words = new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone,
  }).format(ms);
  const zoned = escapeMrkdwn(`${words} ${timeZone}`).replace(/[|>^]/g, ' ');
  return `<!date^${Math.floor(ms / 1000)}^{date_short_pretty} {time}|${zoned}>`;
}

/** Who changed the settings last in Slack; '' when nobody has. */
export async function lastSettingsChange({ db }: Context, reader: Reader): Promise<string> {
  const change = await findLastSettingsChange(db);
  if (!change) return '';
  const name = (await findUser(db, change.changedBy))?.name ?? 'a teammate';
  return `*Settings*: last changed by ${escapeMrkdwn(name)}, ${when(change.changedAt, reader)}`;
}
