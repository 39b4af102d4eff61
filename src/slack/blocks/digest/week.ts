import type { RichTextElement } from '@slack/types';
import type { Rendered } from '../../../core/delivery/effects.ts';
import { composeWeek, type WeekFacts, type WeekPart } from '../../../core/digest/week.ts';
import { count, escapeMrkdwn, formatDuration, formatNumber, shorten } from '../../../core/text.ts';
import { permalink } from '../../../core/timestamps.ts';
import { describeDismissed } from '../people/dismissal.ts';
import { nameAuthor, type RenderContext } from '../render-context.ts';
import { bold, bullets, emoji, link, richText, section, text } from '../rich-text.ts';
import { quoteWords } from './summary-quotes.ts';
import { formatDate, LINE_LENGTH } from './summary-words.ts';

/** The post of a thread that looks back on the week before. */

const REPORTERS_SHOWN = 3;

export function renderWeek(facts: WeekFacts, renderContext: RenderContext): Rendered {
  const { summary } = facts;
  const { about, total, comparedWith, categories } = summary;
  const { from, to } = about.kind === 'span' ? about : { from: 0, to: 0 };
  const day = (at: number) => formatDate(at, summary.writtenAt, renderContext);
  const title = `Last week, ${day(from)} to ${day(to - 1)}`;
  const before = categories.reduce((sum, one) => sum + (one.before ?? 0), 0);
  const change =
    comparedWith === null || before === total
      ? ''
      : ` (${total > before ? '▲' : '▼'}${formatNumber(Math.abs(total - before))} vs the week before)`;
  const messages = `${count(total, 'message')}${change}`;
  const parts = composeWeek(facts);
  return {
    text: escapeMrkdwn(`${title}: ${messages}`),
    blocks: [
      richText(
        section(bold(title), text(`: ${messages}`)),
        ...(parts.length > 0
          ? [bullets(parts.map((part) => section(...renderPart(part, facts, renderContext))))]
          : []),
      ),
    ],
  };
}

const TRENDS = { new: 'New themes: ', growing: 'Growing: ', quiet: 'Gone quiet: ' };

function renderPart(
  part: WeekPart,
  { summary: { channel } }: WeekFacts,
  renderContext: RenderContext,
): RichTextElement[] {
  const linkTo = ({ ts, threadTs }: { ts: string; threadTs: string | null }, label: string) =>
    link(permalink(renderContext.workspaceUrl, channel, ts, threadTs), label);
  switch (part.kind) {
    case 'themes': {
      const links = part.themes.map(({ title, latest }) =>
        linkTo(latest, shorten(title, LINE_LENGTH) || '(no title)'),
      );
      return [
        text(TRENDS[part.trend]),
        ...links.flatMap((one, n) => (n === 0 ? one : [text(', '), one])),
      ];
    }
    case 'resolved':
      return [
        text(`Resolved: ${count(part.count, 'message')}${nameReporters(part, renderContext)}`),
      ];
    case 'dismissed':
      return [text(`Dismissed: ${describeDismissed(part.counts)}`)];
    case 'claims':
      return [text(`Median time to claim: ${formatDuration(part.medianMs)}`)];
    case 'mover': {
      const { category } = part.counted;
      const sign = category.emoji ? [emoji(category.emoji), text(' ')] : [];
      const by = `${part.by > 0 ? '▲' : '▼'}${formatNumber(Math.abs(part.by))}`;
      return [text('Biggest change: '), ...sign, text(`${category.name} ${by}`)];
    }
    case 'praise': {
      const { praise } = part;
      return [
        text('Praise: '),
        linkTo(praise, quoteWords(praise, renderContext, LINE_LENGTH)),
        text(` ${nameAuthor(praise, renderContext)}`, { italic: true }),
      ];
    }
    default:
      return part satisfies never;
  }
}

/** `, reported by Ana, Ben, Cleo and 4 others`; '' when nobody is known. */
function nameReporters(
  { reporters }: WeekPart & { kind: 'resolved' },
  renderContext: RenderContext,
): string {
  if (reporters.length === 0) return '';
  const names = reporters.map((reporter) => nameAuthor(reporter, renderContext));
  const distinct = [...new Set(names)];
  const shown = distinct.slice(0, REPORTERS_SHOWN);
  const more = distinct.length - shown.length;
  if (more > 0) return `, reported by ${shown.join(', ')} and ${count(more, 'other')}`;
  const last = shown.pop() ?? '';
  return `, reported by ${shown.length > 0 ? `${shown.join(', ')} and ${last}` : last}`;
}
