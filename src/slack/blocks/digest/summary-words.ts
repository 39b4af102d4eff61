import { type CategoryCount, isNoise, type Summary } from '../../../core/digest/digest.ts';
import { composeHeadline, type HeadlinePart } from '../../../core/digest/headline.ts';
import { count, escapeMrkdwn, formatNumber, shorten } from '../../../core/text.ts';
import type { ThemeFacts } from '../../../core/themes/themes.ts';
import type { RenderContext } from '../render-context.ts';

/** The wording of a summary: its title, its headline, dates and changes. */

/** A line that a phone shows almost whole, in characters; the thread has all that is said. */
export const LINE_LENGTH = 54;

/** The text for notifications and screen readers. */
export function describeAll(summary: Summary, renderContext: RenderContext): string {
  const words = [
    `${describeTitle(summary, renderContext)}: ${describeHeadline(summary, renderContext)}`,
    describeAwaited(summary, renderContext),
  ];
  return escapeMrkdwn(words.filter(Boolean).join(' '));
}

export function describeTitle({ about, writtenAt }: Summary, renderContext: RenderContext): string {
  if (about.kind === 'run') return `Feedback summary, ${formatDay(writtenAt, renderContext)}`;
  const [from, to] = [formatDay(about.from, renderContext), formatDay(about.to - 1, renderContext)];
  return from === to ? `Feedback of ${from}` : `Feedback, ${from} to ${to}`;
}

const formatDay = (at: number, { timeZone, locale = 'en-GB' }: RenderContext) =>
  new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone,
  }).format(at);

/** The headline: a few short sentences of facts. */
function describeHeadline(summary: Summary, renderContext: RenderContext): string {
  const parts = composeHeadline(factsOf(summary)).map((part) => describePart(part, renderContext));
  return [...parts, describeTopTheme(summary, renderContext)].filter(Boolean).join(' ');
}

const factsOf = (summary: Summary) => ({
  kind: summary.about.kind,
  total: summary.total,
  noise: summary.categories.reduce((n, one) => n + (isNoise(one.category) ? one.count : 0), 0),
  fresh: summary.attention.fresh,
  earlier: summary.attention.earlier,
  settled: summary.settledTotal,
  dead: summary.deadTotal,
  again: summary.about.kind === 'run' ? summary.about.againTotal : 0,
  awaited: summary.about.kind === 'run' ? summary.about.awaitedTotal : 0,
});

const NOTHING_NEW = {
  run: 'No new feedback since the last summary.',
  span: 'No feedback in this period.',
};

export function describePart(part: HeadlinePart, { locale }: RenderContext): string {
  switch (part.kind) {
    case 'nothing new':
      return NOTHING_NEW[part.about];
    case 'nothing yet':
      return 'Nothing is classified yet.';
    case 'messages': {
      const { total, noise } = part;
      const messages = count(total, 'message', 'messages', locale);
      if (noise === 0) return `${messages}.`;
      if (noise < total) return `${messages}, ${formatNumber(noise, locale)} of them not feedback.`;
      return total === 1 ? `${messages}, not feedback.` : `${messages}, none of them feedback.`;
    }
    case 'attention':
      return `${formatNumber(part.count, locale)} ${part.count === 1 ? 'needs' : 'need'} attention.`;
    case 'no attention':
      return `Nothing needs attention${part.until === null ? '' : ` ${part.until}`}.`;
    case 'unclassified':
      return `${formatNumber(part.count, locale)} could not be classified.`;
    default:
      return part satisfies never;
  }
}

/** What the post says in bold, above what needs attention; its other lines have the counts. */
export function describeStanding(summary: Summary, renderContext: RenderContext): string {
  const parts = composeHeadline(factsOf(summary)).filter(({ kind }) => kind !== 'messages');
  const said = parts.length > 1 ? parts.filter(({ kind }) => kind !== 'unclassified') : parts;
  const words = said.map((part) => describePart(part, renderContext)).join(' ');
  return summary.attention.fresh + summary.attention.earlier > 0 ? words.slice(0, -1) : words;
}

/** The theme that most people say, if several do. */
function describeTopTheme({ themes }: Summary, { locale }: RenderContext): string {
  const top = themes.reduce<ThemeFacts | undefined>(
    (most, theme) => (theme.fresh > (most?.fresh ?? 1) ? theme : most),
    undefined,
  );
  return top
    ? `Top theme: “${shorten(top.title, LINE_LENGTH)}” (${count(top.fresh, 'person', 'people', locale)}).`
    : '';
}

/** What is still missing, and what becomes of it; '' when nothing is. */
export function describeAwaited({ about }: Summary, { locale }: RenderContext): string {
  const awaited = about.kind === 'run' ? about.awaitedTotal : 0;
  if (awaited === 0) return '';
  return `${formatNumber(awaited, locale)} still being classified: ${awaited === 1 ? 'it is' : 'they are'} added here.`;
}

/** What the arrows in the counts mean; '' when there are none. */
export function describeComparison({ comparedWith, about, categories, total }: Summary): string {
  const changed = categories.some(({ count: now, before }) => before !== null && before !== now);
  if (comparedWith === null || !changed || total === 0) return '';
  if (about.kind === 'span') return '▲▼ vs the period before';
  return `▲▼ vs last time${comparedWith === 'pace' ? ', per day' : ''}`;
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
  const change = formatNumber(Math.abs(now - before), locale);
  return now > before ? ` ▲${change}` : ` ▼${change}`;
}
