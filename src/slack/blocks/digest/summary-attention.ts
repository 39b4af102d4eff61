import type { RichTextBlock, RichTextElement } from '@slack/types';
import type { Summary } from '../../../core/digest/digest.ts';
import { DAY_MS } from '../../../core/durations.ts';
import type { OpenFlag } from '../../../core/people/card.ts';
import { formatDuration, formatNumber, shorten, toPlainText } from '../../../core/text.ts';
import { permalink } from '../../../core/timestamps.ts';
import { namePerson, type RenderContext } from '../render-context.ts';
import { bold, bullets, emoji, link, richText, section, text } from '../rich-text.ts';
import { type Detail, takeShown } from './summary-detail.ts';
import { describeStanding, LINE_LENGTH } from './summary-words.ts';

/** What needs attention, from this summary and from before, as one list: the most pressing first. */
export function renderAttention(
  summary: Summary,
  detail: Detail,
  renderContext: RenderContext,
): RichTextBlock {
  const { attention, settledTotal } = summary;
  const { locale } = renderContext;
  const total = attention.fresh + attention.earlier;
  const standing = describeStanding(summary, renderContext);
  if (total === 0) {
    const settled =
      settledTotal > 0 ? ` ${formatNumber(settledTotal, locale)} resolved or dismissed.` : '';
    return richText(section(bold(standing), text(settled)));
  }
  const { shown, more } = takeShown(attention.flags, total, detail.attention);
  const details = describeDetails(summary, renderContext);
  return richText(
    section(emoji(renderContext.emoji.flag), text('  '), bold(standing), text(details)),
    ...(shown.length > 0
      ? [bullets(shown.map((flag) => renderFlag(flag, summary, renderContext)))]
      : []),
    ...(shown.length > 0 && more > 0
      ? [section(text(`and ${formatNumber(more, locale)} more on the Home tab`, { italic: true }))]
      : []),
  );
}

/** ` (2 new, oldest 3 days, 1 unclaimed)`, of which only that is said which is not so for all of them. */
function describeDetails(
  { attention, settledTotal, about, writtenAt }: Summary,
  { locale }: RenderContext,
): string {
  const { fresh, earlier, unclaimed, oldestAt } = attention;
  const age = oldestAt === null ? 0 : writtenAt - oldestAt;
  const number = (n: number) => formatNumber(n, locale);
  const details = [
    ...(about.kind === 'run' && earlier > 0
      ? [fresh > 0 ? `${number(fresh)} new` : 'none new']
      : []),
    ...(about.kind === 'span' && earlier > 0 ? [`${number(earlier)} from before`] : []),
    ...(age >= DAY_MS ? [`oldest ${formatDuration(age)}`] : []),
    ...(unclaimed === 0 ? ['all claimed'] : []),
    ...(unclaimed > 0 && unclaimed < fresh + earlier ? [`${number(unclaimed)} unclaimed`] : []),
    ...(settledTotal > 0 ? [`${number(settledTotal)} done`] : []),
  ];
  return details.length === 0 ? '' : ` (${details.join(', ')})`;
}

function renderFlag(
  flag: OpenFlag,
  { channel, taxonomy, writtenAt }: Summary,
  renderContext: RenderContext,
) {
  const category = taxonomy.categories.find(({ key }) => key === flag.category);
  const age = writtenAt - flag.openedAt;
  const aged = age >= DAY_MS ? ` · ${formatDuration(age)}` : '';
  const { said, elements } = describeClaim(flag, renderContext);
  const words = flag.gist || toPlainText(flag.text, renderContext.nameOf);
  const room = Math.max(LINE_LENGTH / 2, LINE_LENGTH - aged.length - said);
  const address = permalink(renderContext.workspaceUrl, channel, flag.ts, flag.threadTs);
  return section(
    ...(category?.emoji ? [emoji(category.emoji), text(' ')] : []),
    link(address, shorten(words, room) || '(no text)'),
    text(aged),
    ...elements,
  );
}

/** Who has it, and how many characters that takes. */
function describeClaim(
  { state, by, claimEndedOf }: OpenFlag,
  renderContext: RenderContext,
): { said: number; elements: RichTextElement[] } {
  const name = (user: string | null) => shorten(namePerson(user, renderContext), LINE_LENGTH / 3);
  if (state === 'claimed') {
    const who = ` ${name(by)}`;
    const sign = emoji(renderContext.emoji.claim);
    return { said: who.length + 5, elements: [text(' · '), sign, text(who)] };
  }
  if (claimEndedOf === null) return { said: 0, elements: [] };
  const words = ` · ${name(claimEndedOf)} has left`;
  return { said: words.length, elements: [text(words, { italic: true })] };
}
