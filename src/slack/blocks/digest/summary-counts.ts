import type { RichTextBlock, RichTextElement } from '@slack/types';
import { deadKey, listKey } from '../../../core/delivery/effects.ts';
import { type CategoryCount, isNoise, type Summary } from '../../../core/digest/digest.ts';
import { count, formatNumber } from '../../../core/text.ts';
import type { RenderContext } from '../render-context.ts';
import { bold, bullets, emoji, link, richText, section, text } from '../rich-text.ts';
import type { Detail, LinkOf } from './summary-detail.ts';
import { describeChange } from './summary-words.ts';

/** The parts of a summary with numbers: feedback by category, and everything else. */

/** The counts by category, except noise, which renderRest has. */
export function renderCounts(
  summary: Summary,
  detail: Detail,
  renderContext: RenderContext,
  linkOf: LinkOf,
): RichTextBlock[] {
  const { categories, comparedWith, about } = summary;
  const real = categories.filter(({ category }) => !isNoise(category));
  if (real.length === 0) return [];
  const since =
    comparedWith === null
      ? ''
      : about.kind === 'run'
        ? ` compared with the last summary${comparedWith === 'pace' ? ', per day' : ''}`
        : ' compared with the time before';
  const toItem = (counted: CategoryCount) => {
    const { category } = counted;
    return section(
      ...(category.emoji ? [emoji(category.emoji), text('  ')] : []),
      renderCount(summary, category.key, counted.count, detail, renderContext, linkOf),
      text(` ${category.name}${describeChange(counted, renderContext)}`),
    );
  };
  return [
    richText(
      section(bold('By category'), text(since, { italic: true })),
      bullets(real.map(toItem)),
    ),
  ];
}

/** The number links to the list once the list is posted. */
function renderCount(
  { about }: Summary,
  category: string,
  n: number,
  { links }: Detail,
  { locale }: RenderContext,
  linkOf: LinkOf,
): RichTextElement {
  const url =
    links && n > 0 && about.kind === 'run' ? linkOf(listKey(about.run, category, 1)) : undefined;
  const number = formatNumber(n, locale);
  return url ? link(url, number, { bold: true }) : bold(number);
}

/** Counts what is no feedback, could not be classified, or will be in the next run. */
export function renderRest(
  summary: Summary,
  detail: Detail,
  renderContext: RenderContext,
  linkOf: LinkOf,
): RichTextBlock[] {
  const { categories, deadTotal, about } = summary;
  const lines: RichTextElement[][] = categories
    .filter(({ category }) => isNoise(category))
    .map((counted) => [
      renderCount(summary, counted.category.key, counted.count, detail, renderContext, linkOf),
      text(` ${counted.category.name}${describeChange(counted, renderContext)}`),
    ]);
  if (deadTotal > 0) {
    const url = about.kind === 'run' && detail.links ? linkOf(deadKey(about.run, 1)) : undefined;
    const words = `${count(deadTotal, 'message', 'messages', renderContext.locale)} could not be classified`;
    lines.push(
      url
        ? [link(url, words)]
        : [text(about.kind === 'run' ? `${words}: see the thread for why.` : words)],
    );
  }
  if (about.kind === 'run' && about.againTotal > 0) {
    lines.push([
      text(
        `${count(about.againTotal, 'message', 'messages', renderContext.locale)} will be in the next run: edited meanwhile, or without a good answer.`,
      ),
    ]);
  }
  if (lines.length === 0) return [];
  const joined = lines.flatMap((line, n) => (n === 0 ? line : [text('\n'), ...line]));
  return [richText(section(...joined))];
}
