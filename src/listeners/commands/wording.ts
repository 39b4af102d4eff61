import {
  count as countWith,
  escapeMrkdwn,
  formatAtMost,
  formatNumber,
  shorten,
  toPlainText,
} from '../../core/text.ts';
import type { Context } from '../../jobs/context.ts';
import { listSchedules, nextTime } from '../../jobs/runs/schedule.ts';
import { findUser } from '../../store/intake/users.ts';
import { findLastSettingsChange } from '../../store/settings/settings.ts';

/** Wording that several answers of the command share. */

export const COMMAND = '/classify-feedback';

/** A link of which somebody typed only what it is called: `<http://acme.com|acme.com>`. */
const NAMED_LINK = /<(?!@|#|!)[^<>|]*\|([^<>]*)>/g;

/** The text as somebody typed it: Slack sends people, channels and links as tokens, and `&` as `&amp;`. */
export const readTyped = (
  typed: string,
  nameOf: (user: string) => string | undefined = () => undefined,
): string => toPlainText(typed.replace(NAMED_LINK, '$1'), nameOf);

/** Quotes typed text as code: shortened, and without backticks, which would end the code. */
export const quoteTyped = (typed: string) =>
  `\`${escapeMrkdwn(shorten(readTyped(typed).replace(/`/g, "'"), 40))}\``;

/** The person who reads the answer. */
interface Reader {
  /** An IANA name. */
  timeZone: string;
  /** A language tag. */
  locale: string;
}

/** Formats a number in the reader's language. */
export const format = (n: number, { locale }: Reader) => formatNumber(n, locale);

/** Formats a number with its noun: `1 message`, `2,000 messages`. */
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
  usd === null ? `an unknown price for ${model}` : formatAtMost(usd);

/**
 * Formats a time, which Slack shows in each reader's own time zone.
 * @param reader gives the zone and language of the fallback text, for clients that cannot show it
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

/** Says who last changed the settings in Slack; '' if nobody has. */
export async function lastSettingsChange({ db }: Context, reader: Reader): Promise<string> {
  const change = await findLastSettingsChange(db);
  if (!change) return '';
  const name = (await findUser(db, change.changedBy))?.name ?? 'a teammate';
  return `*Settings*: last changed by ${escapeMrkdwn(name)}, ${when(change.changedAt, reader)}`;
}
