import type { RichTextBlock, RichTextElement } from '@slack/types';
import { themesKey } from '../../../core/delivery/effects.ts';
import type { Praise, Summary } from '../../../core/digest/digest.ts';
import { count, foldLines, formatNumber, shorten, toPlainText } from '../../../core/text.ts';
import type { ThemeFacts } from '../../../core/themes/themes.ts';
import type { TopicFacts } from '../../../core/themes/topics.ts';
import { permalink } from '../../../core/timestamps.ts';
import { nameAuthor, type RenderContext } from '../render-context.ts';
import { emoji, link, richText, section, text } from '../rich-text.ts';
import { describeAsks } from '../themes/topic.ts';
import type { Detail, LinkOf } from './summary-detail.ts';
import { LINE_LENGTH } from './summary-words.ts';

/** The parts of a summary that quote: recurring themes, and praise. */

const RECURRING = 'repeat';

const TREND_SIGNS: Record<ThemeFacts['trend'], string> = {
  new: '',
  growing: ' ↗',
  steady: '',
  quiet: ' · gone quiet',
};

/** A line a topic, and a line a theme that is under none. The title opens the thread's rows of themes; before they are posted, the newest message. */
export function renderThemes(
  { themes, topics, channel, about }: Summary,
  detail: Detail,
  { workspaceUrl, locale }: RenderContext,
  linkOf: LinkOf,
): RichTextBlock[] {
  const grouped = topics.filter(({ state, fresh }) => state === 'grouped' && fresh > 0);
  const under = new Set(grouped.flatMap(({ asks }) => asks.map(({ id }) => id)));
  const shown = [...grouped, ...themes.filter(({ id }) => !under.has(id))].slice(0, detail.themes);
  if (shown.length === 0) return [];
  const url = detail.links && about.kind === 'run' ? linkOf(themesKey(about.run)) : undefined;
  const more =
    url && themes.length > shown.length ? `all ${formatNumber(themes.length, locale)}` : '';
  const toLine = (one: ThemeFacts | TopicFacts, index: number): RichTextElement[] => {
    if ('asks' in one) return toTopicLine(one, url, locale);
    const { title, trend, latest } = one;
    const said = ` · ${countVoices(one, locale)}${TREND_SIGNS[trend]}`;
    const words = trend === 'quiet' ? TREND_SIGNS.quiet : said;
    const address = url ?? permalink(workspaceUrl, channel, latest.ts, latest.threadTs);
    const taken = words.length + (more && index === shown.length - 1 ? more.length + 3 : 0);
    const name = shorten(title, LINE_LENGTH - taken) || '(no title)';
    return [emoji(RECURRING), text('  '), link(address, name, { bold: true }), text(words)];
  };
  const all = url && more ? [text(' · '), link(url, more)] : [];
  return [richText(section(...joinLines(shown.map(toLine)), ...all))];
}

/** `4 people`, all of them in this summary; `4 people, 1 new` when others said it before. */
function countVoices({ fresh, month }: ThemeFacts, locale: string | undefined): string {
  const all = count(Math.max(month, fresh), 'person', 'people', locale);
  return fresh < month ? `${all}, ${formatNumber(fresh, locale)} new` : all;
}

/** `Permissions · 15 people: contacts 7, calls 5, all 3` */
function toTopicLine(
  topic: TopicFacts,
  url: string | undefined,
  locale: string | undefined,
): RichTextElement[] {
  const said = ` · ${count(topic.people, 'person', 'people', locale)}: `;
  const asks = describeAsks(topic, LINE_LENGTH - topic.title.length - said.length);
  const name = url ? link(url, topic.title, { bold: true }) : text(topic.title, { bold: true });
  return [emoji(RECURRING), text('  '), name, text(`${said}${asks}`)];
}

/** A line of praise worth passing on. */
export function renderPraise(
  { praise, channel, taxonomy }: Summary,
  detail: Detail,
  renderContext: RenderContext,
): RichTextElement[][] {
  return praise.slice(0, detail.praise).map((one) => {
    const category = taxonomy.categories.find(({ key }) => key === one.category);
    const author = shorten(nameAuthor(one, renderContext), LINE_LENGTH / 3);
    const words = quoteWords(one, renderContext, LINE_LENGTH - author.length - 4);
    const address = permalink(renderContext.workspaceUrl, channel, one.ts, one.threadTs);
    return [
      ...(category?.emoji ? [emoji(category.emoji), text('  ')] : []),
      link(address, words),
      text(` ${author}`, { italic: true }),
    ];
  });
}

/** What a person said, in their own words; else the gist. */
export function quoteWords(
  { text, gist }: Praise,
  { nameOf }: RenderContext,
  length: number,
): string {
  const said = shorten(foldLines(toPlainText(text, nameOf)), length);
  return said ? `“${said}”` : shorten(gist, length) || '(no text)';
}

export const joinLines = (lines: RichTextElement[][]): RichTextElement[] =>
  lines.flatMap((line, n) => (n === 0 ? line : [text('\n'), ...line]));
