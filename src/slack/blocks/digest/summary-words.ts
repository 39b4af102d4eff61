import type { CategoryCount, Summary } from '../../../core/digest/digest.ts';
import { count, escapeMrkdwn, formatNumber, shorten } from '../../../core/text.ts';
import type { ThemeFacts } from '../../../core/themes/themes.ts';
import type { RenderContext } from '../render-context.ts';

/** The wording of a summary: its title, its headline, dates and changes. */

/** How much of a gist to show, in characters; the thread has all of it. */
export const LINE_LENGTH = 90;

/** The text for notifications and screen readers. */
export function describeAll(summary: Summary, renderContext: RenderContext): string {
  const { awaited, stillOpen } = describeLoose(summary, renderContext);
  const words = [
    `${describeTitle(summary, renderContext)}: ${describeHeadline(summary, renderContext)}`,
    awaited,
    stillOpen,
  ];
  return escapeMrkdwn(words.filter(Boolean).join(' '));
}

export function describeTitle({ about, writtenAt }: Summary, renderContext: RenderContext): string {
  if (about.kind === 'run') return `Feedback summary, ${formatDay(writtenAt, renderContext)}`;
  const [from, to] = [formatDay(about.from, renderContext), formatDay(about.to - 1, renderContext)];
  return from === to ? `Feedback of ${from}` : `Feedback, ${from} to ${to}`;
}

export const formatDay = (at: number, { timeZone, locale = 'en-GB' }: RenderContext) =>
  new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone,
  }).format(at);

/** The headline: a few short sentences of facts. */
export function describeHeadline(summary: Summary, renderContext: RenderContext): string {
  if (isNothingNew(summary)) return `${NOTHING_NEW[summary.about.kind]}.`;
  const { total, categories } = summary;
  const noise = categories.reduce((n, one) => n + (one.category.emoji ? 0 : one.count), 0);
  const noisy =
    noise > 0
      ? `, ${noise === total ? 'all' : formatNumber(noise, renderContext.locale)} of them noise`
      : '';
  const messages = count(total, 'message', 'messages', renderContext.locale);
  const facts = [describeNeeds(summary, renderContext), describeMost(summary, renderContext)];
  return `${messages}${noisy}. ${facts.filter(Boolean).join(' ')}`;
}

const NOTHING_NEW = {
  run: 'No new feedback since the last summary',
  span: 'No feedback in this time',
};

/** Whether there is nothing to count. */
const isNothingNew = ({ about, total, deadTotal }: Summary) =>
  total + deadTotal === 0 && (about.kind === 'span' || about.againTotal + about.awaitedTotal === 0);

export function describeNeeds(
  { flaggedTotal, settledTotal, stillOpenTotal }: Summary,
  { locale }: RenderContext,
): string {
  if (flaggedTotal > 0)
    return `${formatNumber(flaggedTotal, locale)} ${flaggedTotal === 1 ? 'needs' : 'need'} a person.`;
  if (settledTotal > 0) return 'Nothing needs a person any more.';
  return stillOpenTotal > 0 ? 'Nothing new needs a person.' : 'Nothing needs a person.';
}

/** The theme with the most new messages; if none has two, the category that changed most. */
function describeMost({ themes, categories }: Summary, { locale }: RenderContext): string {
  const biggest = themes.reduce<ThemeFacts | undefined>(
    (most, theme) => (theme.fresh > (most?.fresh ?? 0) ? theme : most),
    undefined,
  );
  if (biggest && biggest.fresh > 1) {
    return `Several say: “${shorten(biggest.title, LINE_LENGTH)}” (${formatNumber(biggest.fresh, locale)}).`;
  }
  const changes = categories
    .filter(({ category }) => category.emoji)
    .map(({ category, count: now, before }) => ({ category, by: now - (before ?? now) }));
  const most = changes.reduce<(typeof changes)[number] | undefined>(
    (top, change) => (Math.abs(change.by) > Math.abs(top?.by ?? 0) ? change : top),
    undefined,
  );
  if (!most || Math.abs(most.by) < 2) return '';
  return `${most.category.name} ${most.by > 0 ? 'up' : 'down'} by ${formatNumber(Math.abs(most.by), locale)}.`;
}

/** Facts that the headline leaves out. */
export function describeLoose({ about, stillOpenTotal }: Summary, { locale }: RenderContext) {
  const awaited = about.kind === 'run' ? about.awaitedTotal : 0;
  return {
    awaited:
      awaited > 0
        ? `${formatNumber(awaited, locale)} still being classified: ${awaited === 1 ? 'it is' : 'they are'} filled in here.`
        : '',
    stillOpen:
      stillOpenTotal > 0 ? `Still open from before: ${formatNumber(stillOpenTotal, locale)}.` : '',
  };
}

/** Formats a date; the year is left out if it is the current one. */
export function formatDate(
  at: number,
  now: number,
  { timeZone, locale = 'en-GB' }: RenderContext,
): string {
  const year = (ms: number) =>
    new Intl.DateTimeFormat('en-GB', { year: 'numeric', timeZone }).format(ms);
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    ...(year(at) !== year(now) && { year: 'numeric' }),
    timeZone,
  }).format(at);
}

export function describeChange(
  { count: now, before }: CategoryCount,
  { locale }: RenderContext,
): string {
  if (before === null || before === now) return '';
  if (before === 0) return ' · new';
  const change = formatNumber(Math.abs(now - before), locale);
  return now > before ? ` ▲${change}` : ` ▼${change}`;
}
