import type { RichTextBlock, RichTextElement, RichTextSection } from '@slack/types';
import { themesKey } from '../../../core/delivery/effects.ts';
import type { Quoted, Summary } from '../../../core/digest/digest.ts';
import type { StillOpen } from '../../../core/people/card.ts';
import { formatDuration, formatNumber, shorten, toPlainText } from '../../../core/text.ts';
import type { ThemeFacts } from '../../../core/themes/themes.ts';
import { permalink } from '../../../core/timestamps.ts';
import { GONE } from '../people/card.ts';
import { nameAuthor, namePerson, type RenderContext } from '../render-context.ts';
import { bold, bullets, emoji, link, quoted, richText, section, text } from '../rich-text.ts';
import type { Detail, LinkOf } from './summary-detail.ts';
import { describeNeeds, formatDate, LINE_LENGTH } from './summary-words.ts';

/** The parts of a summary that quote messages: what is open, what needs a person, themes, praise. */

const viewLink = (
  { workspaceUrl }: RenderContext,
  channel: string,
  { ts, threadTs }: { ts: string; threadTs: string | null },
) => link(permalink(workspaceUrl, channel, ts, threadTs), 'view');

/** The gist, or the text of a message that nobody has judged. */
function wordsOf({ gist, text: raw }: { gist: string; text: string }, { nameOf }: RenderContext) {
  return shorten(gist || toPlainText(raw, nameOf), LINE_LENGTH) || '(no text)';
}

function describeClaim({ state, by, claimEndedOf }: StillOpen, renderContext: RenderContext) {
  if (state === 'claimed') return `, claimed by ${namePerson(by, renderContext)}`;
  if (claimEndedOf === null) return '';
  return `; the claim of ${namePerson(claimEndedOf, renderContext)} ended, ${GONE}`;
}

const STILL_OPEN = { run: 'Still open', span: 'Open, posted before this time' };

/** What was flagged a moment ago has not been open for any time worth saying. */
const describeAge = (ms: number) => (ms < HOUR_MS ? '' : ` for ${formatDuration(ms)}`);

const HOUR_MS = 3_600_000;

/** Flags from earlier summaries that are still open; they come before anything new. */
export function renderStillOpen(
  summary: Summary,
  detail: Detail,
  renderContext: RenderContext,
): RichTextBlock[] {
  const { about, stillOpen, stillOpenTotal, channel, writtenAt } = summary;
  if (stillOpenTotal === 0) return [];
  const shown = stillOpen.slice(0, detail.stillOpen);
  const toItem = (open: StillOpen) => {
    return section(
      text(`${wordsOf(open, renderContext)} `),
      viewLink(renderContext, channel, open),
      text(`${describeAge(writtenAt - open.openedAt)}${describeClaim(open, renderContext)}`, {
        italic: true,
      }),
    );
  };
  return [
    renderShown(
      [
        emoji(renderContext.emoji.flag),
        text('  '),
        bold(`${STILL_OPEN[about.kind]}: ${formatNumber(stillOpenTotal, renderContext.locale)}`),
      ],
      shown.map(toItem),
      stillOpenTotal,
      renderContext,
    ),
  ];
}

export function renderNeeds(
  summary: Summary,
  detail: Detail,
  renderContext: RenderContext,
): RichTextBlock[] {
  const { flaggedTotal, settledTotal, needs, channel, taxonomy, about } = summary;
  if (flaggedTotal + settledTotal === 0) return [];
  const settled =
    settledTotal > 0
      ? ` ${formatNumber(settledTotal, renderContext.locale)} resolved or dismissed.`
      : '';
  const cards = about.kind === 'run' ? ' The cards are in the thread.' : '';
  const words = describeNeeds(summary, renderContext);
  const toItem = (needed: Quoted) => {
    const category = taxonomy.categories.find(({ key }) => key === needed.category);
    return section(
      ...(category?.emoji ? [emoji(category.emoji), text(' ')] : []),
      text(`${wordsOf(needed, renderContext)} `),
      viewLink(renderContext, channel, needed),
      text(` ${nameAuthor(needed, renderContext)}`, { italic: true }),
    );
  };
  return [
    renderShown(
      [
        ...(flaggedTotal > 0
          ? [emoji(renderContext.emoji.flag), text('  '), bold(words)]
          : words === ''
            ? []
            : [text(words)]),
        text(`${words === '' ? settled.trim() : settled}${cards}`),
      ],
      needs.slice(0, detail.needs).map(toItem),
      flaggedTotal,
      renderContext,
    ),
  ];
}

/** A heading, the items shown, and how many more there are. */
function renderShown(
  heading: RichTextElement[],
  items: RichTextSection[],
  total: number,
  { locale }: RenderContext,
): RichTextBlock {
  const more = total - items.length;
  return richText(
    section(...heading),
    ...(items.length > 0 ? [bullets(items)] : []),
    ...(items.length > 0 && more > 0
      ? [section(text(`and ${formatNumber(more, locale)} more`, { italic: true }))]
      : []),
  );
}

const TRENDS: Record<ThemeFacts['trend'], string> = {
  new: ' · new',
  growing: ' · growing',
  quiet: ' · gone quiet',
  steady: '',
};

export function renderThemes(
  summary: Summary,
  detail: Detail,
  renderContext: RenderContext,
  linkOf: LinkOf,
): RichTextBlock[] {
  const { themes, channel, writtenAt, about } = summary;
  const shown = themes.slice(0, detail.themes);
  if (shown.length === 0) return [];
  const toItem = (theme: ThemeFacts) =>
    section(
      bold(shorten(theme.title, LINE_LENGTH) || '(no title)'),
      text(
        ` ${formatNumber(theme.fresh, renderContext.locale)} new, ${formatNumber(theme.month, renderContext.locale)} in 30 days, first seen ${formatDate(theme.firstSeen, writtenAt, renderContext)}${TRENDS[theme.trend]} `,
      ),
      viewLink(renderContext, channel, theme.latest),
    );
  const url = detail.links && about.kind === 'run' ? linkOf(themesKey(about.run)) : undefined;
  const all = url
    ? [text(' · '), link(url, `all ${formatNumber(themes.length, renderContext.locale)}`)]
    : [];
  return [richText(section(bold('Several say'), ...all), bullets(shown.map(toItem)))];
}

export function renderPraise(
  summary: Summary,
  detail: Detail,
  renderContext: RenderContext,
): RichTextBlock[] {
  const shown = summary.praise.slice(0, detail.praise);
  if (shown.length === 0) return [];
  return [
    richText(
      section(bold('Praise worth passing on')),
      ...shown.map((praise) =>
        quoted(
          text(`${wordsOf(praise, renderContext)} `),
          text(`${nameAuthor(praise, renderContext)} `, { italic: true }),
          viewLink(renderContext, summary.channel, praise),
        ),
      ),
    ),
  ];
}
