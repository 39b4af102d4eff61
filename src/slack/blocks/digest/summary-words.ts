import { type CategoryCount, isNoise, type Summary } from '../../../core/digest/digest.ts';
import { composeHeadline, type HeadlinePart } from '../../../core/digest/headline.ts';
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

const formatDay = (at: number, { timeZone, locale = 'en-GB' }: RenderContext) =>
  new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone,
  }).format(at);

/** The headline: a few short sentences of facts. */
export function describeHeadline(summary: Summary, renderContext: RenderContext): string {
  const parts = composeHeadline(factsOf(summary));
  const most =
    parts.some(({ kind }) => kind === 'messages') && describeMost(summary, renderContext);
  return [...parts.map((part) => describePart(part, renderContext)), most]
    .filter(Boolean)
    .join(' ');
}

const factsOf = (summary: Summary) => ({
  kind: summary.about.kind,
  total: summary.total,
  noise: summary.categories.reduce((n, one) => n + (isNoise(one.category) ? one.count : 0), 0),
  needs: summary.flaggedTotal,
  settled: summary.settledTotal,
  stillOpen: summary.stillOpenTotal,
  dead: summary.deadTotal,
  again: summary.about.kind === 'run' ? summary.about.againTotal : 0,
  awaited: summary.about.kind === 'run' ? summary.about.awaitedTotal : 0,
});

const NOTHING_NEW = {
  run: 'No new feedback since the last summary.',
  span: 'No feedback in this time.',
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
      if (noise < total) return `${messages}, ${formatNumber(noise, locale)} of them noise.`;
      return total === 1 ? `${messages}: noise.` : `${messages}, all of them noise.`;
    }
    case 'needs':
      return `${formatNumber(part.count, locale)} ${part.count === 1 ? 'needs' : 'need'} a person.`;
    case 'needs nobody': {
      const subject = part.only === 'new' ? 'Nothing new' : 'Nothing';
      const until = part.only === 'so far' ? ' so far' : part.anyMore ? ' any more' : '';
      return `${subject} needs a person${until}.`;
    }
    case 'unclassified':
      return `${formatNumber(part.count, locale)} could not be classified.`;
    default:
      return part satisfies never;
  }
}

/** What needs a person, as the headline says it; '' when it says nothing of that. */
export function describeNeeds(summary: Summary, renderContext: RenderContext): string {
  return composeHeadline(factsOf(summary))
    .filter(({ kind }) => kind === 'needs' || kind === 'needs nobody')
    .map((part) => describePart(part, renderContext))
    .join(' ');
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
    .filter(({ category }) => !isNoise(category))
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
