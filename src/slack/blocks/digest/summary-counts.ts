import type { RichTextElement } from '@slack/types';
import { deadKey, listKey } from '../../../core/delivery/effects.ts';
import { type CategoryCount, isNoise, type Summary } from '../../../core/digest/digest.ts';
import { count, formatNumber } from '../../../core/text.ts';
import type { RenderContext } from '../render-context.ts';
import { bold, emoji, link, text } from '../rich-text.ts';
import type { Detail, LinkOf } from './summary-detail.ts';
import { describeChange } from './summary-words.ts';

/** The lines of a summary with numbers: messages by category, and those without a verdict. */

/** `🐛 25 ▲3 · 💡 14 · 9 not feedback`, on one line. */
export function renderCounts(
  summary: Summary,
  detail: Detail,
  renderContext: RenderContext,
  linkOf: LinkOf,
): RichTextElement[][] {
  const { categories, total } = summary;
  if (total === 0) return [];
  const [noise, real] = [
    categories.filter(({ category }) => isNoise(category)),
    categories.filter(({ category }) => !isNoise(category)),
  ];
  const rest = real.slice(detail.categories);
  const others = rest.reduce((sum, one) => sum + one.count, 0);
  const { locale } = renderContext;
  const toPart = (counted: CategoryCount): RichTextElement[] => {
    const { category } = counted;
    return [
      ...(category.emoji ? [emoji(category.emoji), text(' ')] : []),
      renderCount(summary, category.key, counted.count, detail, renderContext, linkOf),
      text(`${category.emoji ? '' : ` ${category.name}`}${describeChange(counted, renderContext)}`),
    ];
  };
  const parts = [
    ...real.slice(0, detail.categories).map(toPart),
    ...(rest.length > 0 ? [[text(`${formatNumber(others, locale)} other`)]] : []),
    ...noise.map((counted) => [
      renderCount(summary, counted.category.key, counted.count, detail, renderContext, linkOf),
      text(' not feedback'),
    ]),
  ];
  return [parts.flatMap((part, n) => (n === 0 ? part : [text(' · '), ...part]))];
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

/** What could not be classified, is still being classified, or will be in the next run. */
export function renderRest(
  { deadTotal, about }: Summary,
  { links }: Detail,
  { locale }: RenderContext,
  linkOf: LinkOf,
): RichTextElement[][] {
  const lines: RichTextElement[][] = [];
  if (deadTotal > 0) {
    const url = about.kind === 'run' && links ? linkOf(deadKey(about.run, 1)) : undefined;
    const words = `${count(deadTotal, 'message', 'messages', locale)} could not be classified`;
    lines.push(
      url
        ? [link(url, words)]
        : [text(about.kind === 'run' ? `${words}: see the thread for why.` : words)],
    );
  }
  if (about.kind === 'run' && about.againTotal > 0) {
    const again = formatNumber(about.againTotal, locale);
    lines.push([text(`${again} will be in the next run: edited or unanswered.`)]);
  }
  return lines;
}
