import type { RichTextBlock } from '@slack/types';
import type { Rendered } from '../../../core/delivery/effects.ts';
import type { Summary } from '../../../core/digest/digest.ts';
import { count, formatDuration, formatUsd } from '../../../core/text.ts';
import { bold, richText, section, text } from '../rich-text.ts';
import { namePerson, type Surroundings } from '../surroundings.ts';
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

export function renderParent(summary: Summary, around: Surroundings, linkOf: LinkOf): Rendered {
  let detail = ALL;
  let blocks = renderBlocks(summary, detail, around, linkOf);
  for (const less of LESS) {
    if (JSON.stringify(blocks).length <= POST_LENGTH) break;
    detail = { ...detail, ...less };
    blocks = renderBlocks(summary, detail, around, linkOf);
  }
  return { text: describeAll(summary, around), blocks };
}

function renderBlocks(
  summary: Summary,
  detail: Detail,
  around: Surroundings,
  linkOf: LinkOf,
): object[] {
  const { chart } = summary;
  return [
    {
      type: 'header',
      text: { type: 'plain_text', text: describeTitle(summary, around), emoji: false },
    },
    renderHeadline(summary, around),
    ...renderStillOpen(summary, detail, around),
    ...renderNeeds(summary, detail, around),
    ...renderThemes(summary, detail, around, linkOf),
    ...renderCounts(summary, detail, around, linkOf),
    ...renderPraise(summary, detail, around),
    ...renderRest(summary, detail, around, linkOf),
    ...(chart && detail.chart ? [renderChart(chart)] : []),
    ...renderRun(summary, around),
  ];
}

function renderHeadline(summary: Summary, around: Surroundings): RichTextBlock {
  const { awaited } = describeLoose(summary, around);
  return richText(
    section(
      bold(describeHeadline(summary, around)),
      ...(awaited ? [text(`\n${awaited}`, { italic: true })] : []),
    ),
  );
}

function renderRun({ about, total }: Summary, around: Surroundings): object[] {
  if (about.kind === 'span') return [];
  const { costUsd, model, requestedBy, startedAt, endedAt, taxonomyVersion } = about;
  const words = [
    count(total, 'message', 'messages', around.locale),
    costUsd === null ? `cost unknown for ${model}` : formatUsd(costUsd),
    endedAt === null ? 'not done yet' : formatDuration(Math.max(0, endedAt - startedAt)),
    model,
    `taxonomy ${taxonomyVersion}`,
    requestedBy ? `asked for by ${namePerson(requestedBy, around)}` : 'on schedule',
  ].join(' · ');
  const line = { type: 'plain_text', text: words, emoji: false };
  return [{ type: 'context', block_id: RUN_BLOCK, elements: [line] }];
}
