import type { RichTextElement } from '@slack/types';
import { type Rendered, weekKey } from '../../../core/delivery/effects.ts';
import type { Summary } from '../../../core/digest/digest.ts';
import type { Figures } from '../../../core/people/honesty.ts';
import { count, formatDuration, formatUsd } from '../../../core/text.ts';
import { plain } from '../controls.ts';
import { describeGoneEmoji } from '../holds.ts';
import { namePerson, type RenderContext } from '../render-context.ts';
import { link, richText, section, text } from '../rich-text.ts';
import { renderChart } from './chart.ts';
import { renderFiguresLine } from './honesty.ts';
import { POST_LENGTH } from './lists.ts';
import { renderAttention } from './summary-attention.ts';
import { renderCounts, renderRest } from './summary-counts.ts';
import { ALL, type Detail, LESS, type LinkOf } from './summary-detail.ts';
import { joinLines, renderPraise, renderThemes } from './summary-quotes.ts';
import {
  describeAll,
  describeAwaited,
  describeComparison,
  describeTitle,
} from './summary-words.ts';

/**
 * The parent of a summary thread, readable in twenty seconds: what needs attention, themes, counts,
 * praise, what it cost. On an ordinary day that is twelve lines. It links to everything that it mentions.
 */

/** The id of the block with the facts of the run, such as its cost. */
export const RUN_BLOCK = 'run';

export function renderParent(
  summary: Summary,
  renderContext: RenderContext,
  linkOf: LinkOf,
  { looksBack, figures }: { looksBack: boolean; figures: Figures | null } = {
    looksBack: false,
    figures: null,
  },
): Rendered {
  let detail = ALL;
  const week = looksBack ? renderWeekLink(summary, linkOf) : [];
  const honesty = renderHonesty(summary, figures);
  let blocks = renderBlocks(summary, detail, renderContext, linkOf, week, honesty);
  for (const less of LESS) {
    if (JSON.stringify(blocks).length <= POST_LENGTH) break;
    detail = { ...detail, ...less };
    blocks = renderBlocks(summary, detail, renderContext, linkOf, week, honesty);
  }
  return { text: describeAll(summary, renderContext), blocks };
}

function renderBlocks(
  summary: Summary,
  detail: Detail,
  renderContext: RenderContext,
  linkOf: LinkOf,
  week: RichTextElement[][],
  honesty: object[],
): object[] {
  const { chart, about } = summary;
  const awaited = describeAwaited(summary, renderContext);
  const lines = [
    ...renderCounts(summary, detail, renderContext, linkOf),
    ...renderPraise(summary, detail, renderContext),
    ...renderRest(summary, detail, renderContext, linkOf),
    ...(awaited ? [[text(awaited, { italic: true })]] : []),
    ...week,
  ];
  // A span has no thread for its chart.
  const hasChart = chart && detail.chart && about.kind === 'span';
  return [
    {
      type: 'header',
      text: plain(
        `${describeTitle(summary, renderContext)}${describeTotal(summary, renderContext)}`,
      ),
    },
    renderAttention(summary, detail, renderContext),
    ...renderThemes(summary, detail, renderContext, linkOf),
    ...(lines.length > 0 ? [richText(section(...joinLines(lines)))] : []),
    ...(hasChart ? [renderChart(chart)] : []),
    ...honesty,
    ...renderGone(summary),
    ...renderSmall(summary, renderContext),
  ];
}

/** Leads to the look back once that is posted. */
function renderWeekLink({ about }: Summary, linkOf: LinkOf): RichTextElement[][] {
  const url = about.kind === 'run' ? linkOf(weekKey(about.run)) : undefined;
  return url ? [[link(url, 'A look back on last week')]] : [];
}

/** How often verdicts are right, when that is known. */
const renderHonesty = ({ about, channel }: Summary, figures: Figures | null): object[] =>
  figures && about.kind === 'run' ? [renderFiguresLine(channel, about.run, figures)] : [];

const describeTotal = ({ total }: Summary, { locale }: RenderContext) =>
  total === 0 ? '' : `: ${count(total, 'message', 'messages', locale)}`;

function renderGone({ goneEmoji }: Summary): object[] {
  if (goneEmoji.length === 0) return [];
  const words = plain(describeGoneEmoji(goneEmoji));
  return [{ type: 'context', elements: [words] }];
}

/** The small line: what the arrows mean, what the run cost and who asked for it. */
function renderSmall(summary: Summary, renderContext: RenderContext): object[] {
  const words = [describeComparison(summary), ...describeRun(summary, renderContext)]
    .filter(Boolean)
    .join(' · ');
  if (words === '') return [];
  return [{ type: 'context', block_id: RUN_BLOCK, elements: [plain(words)] }];
}

function describeRun({ about }: Summary, renderContext: RenderContext): string[] {
  if (about.kind === 'span') return [];
  const { costUsd, paidTwice, model, requestedBy, startedAt, endedAt } = about;
  return [
    costUsd === null ? `cost unknown for ${model}` : formatUsd(costUsd),
    ...(paidTwice > 0 ? [`${count(paidTwice, 'answer')} may have been paid twice`] : []),
    endedAt === null ? 'not done yet' : formatDuration(Math.max(0, endedAt - startedAt)),
    requestedBy ? `requested by ${namePerson(requestedBy, renderContext)}` : 'on schedule',
  ];
}
