import type { RichTextBlock } from '@slack/types';
import type { Rendered } from '../../../core/delivery/effects.ts';
import type { Summary } from '../../../core/digest/digest.ts';
import { count, formatDuration, formatUsd } from '../../../core/text.ts';
import { plain } from '../controls.ts';
import { describeGoneEmoji } from '../holds.ts';
import { namePerson, type RenderContext } from '../render-context.ts';
import { bold, richText, section, text } from '../rich-text.ts';
import { renderChart } from './chart.ts';
import { POST_LENGTH } from './lists.ts';
import { renderCounts, renderRest } from './summary-counts.ts';
import { ALL, type Detail, LESS, type LinkOf } from './summary-detail.ts';
import { renderNeeds, renderPraise, renderStillOpen, renderThemes } from './summary-quotes.ts';
import { describeAll, describeHeadline, describeLoose, describeTitle } from './summary-words.ts';

/**
 * The parent of a summary thread, readable in twenty seconds: a headline, what is still open, what
 * needs a person, themes, counts, praise, a chart. It links to everything that it mentions.
 */

/** The id of the block with the facts of the run, such as its cost. */
export const RUN_BLOCK = 'run';

export function renderParent(
  summary: Summary,
  renderContext: RenderContext,
  linkOf: LinkOf,
): Rendered {
  let detail = ALL;
  let blocks = renderBlocks(summary, detail, renderContext, linkOf);
  for (const less of LESS) {
    if (JSON.stringify(blocks).length <= POST_LENGTH) break;
    detail = { ...detail, ...less };
    blocks = renderBlocks(summary, detail, renderContext, linkOf);
  }
  return { text: describeAll(summary, renderContext), blocks };
}

function renderBlocks(
  summary: Summary,
  detail: Detail,
  renderContext: RenderContext,
  linkOf: LinkOf,
): object[] {
  const { chart } = summary;
  return [
    {
      type: 'header',
      text: { type: 'plain_text', text: describeTitle(summary, renderContext), emoji: false },
    },
    renderHeadline(summary, renderContext),
    ...renderStillOpen(summary, detail, renderContext),
    ...renderNeeds(summary, detail, renderContext),
    ...renderThemes(summary, detail, renderContext, linkOf),
    ...renderCounts(summary, detail, renderContext, linkOf),
    ...renderPraise(summary, detail, renderContext),
    ...renderRest(summary, detail, renderContext, linkOf),
    ...(chart && detail.chart ? [renderChart(chart)] : []),
    ...renderGone(summary),
    ...renderRun(summary, renderContext),
  ];
}

function renderHeadline(summary: Summary, renderContext: RenderContext): RichTextBlock {
  const { awaited } = describeLoose(summary, renderContext);
  return richText(
    section(
      bold(describeHeadline(summary, renderContext)),
      ...(awaited ? [text(`\n${awaited}`, { italic: true })] : []),
    ),
  );
}

function renderGone({ goneEmoji }: Summary): object[] {
  if (goneEmoji.length === 0) return [];
  const words = plain(describeGoneEmoji(goneEmoji));
  return [{ type: 'context', elements: [words] }];
}

function renderRun({ about, total }: Summary, renderContext: RenderContext): object[] {
  if (about.kind === 'span') return [];
  const { costUsd, paidTwice, model, requestedBy, startedAt, endedAt, taxonomyVersion } = about;
  const words = [
    count(total, 'message', 'messages', renderContext.locale),
    costUsd === null ? `cost unknown for ${model}` : formatUsd(costUsd),
    ...(paidTwice > 0 ? [`${count(paidTwice, 'answer')} may have been paid twice`] : []),
    endedAt === null ? 'not done yet' : formatDuration(Math.max(0, endedAt - startedAt)),
    model,
    `taxonomy ${taxonomyVersion}`,
    requestedBy ? `asked for by ${namePerson(requestedBy, renderContext)}` : 'on schedule',
  ].join(' · ');
  const line = { type: 'plain_text', text: words, emoji: false };
  return [{ type: 'context', block_id: RUN_BLOCK, elements: [line] }];
}
