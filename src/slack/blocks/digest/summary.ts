import type { RichTextBlock, RichTextElement, RichTextSection } from '@slack/types';
import { deadKey, listKey, type Rendered, themesKey } from '../../../core/delivery/effects.ts';
import {
  type CategoryCount,
  type Quoted,
  SHOWN,
  type Summary,
} from '../../../core/digest/digest.ts';
import type { StillOpen } from '../../../core/people/card.ts';
import {
  count,
  formatDuration,
  formatNumber,
  formatUsd,
  shorten,
  toPlainText,
} from '../../../core/text.ts';
import type { ThemeFacts } from '../../../core/themes/themes.ts';
import { permalink } from '../../../core/timestamps.ts';
import { bold, bullets, emoji, link, quoted, richText, section, text } from '../rich-text.ts';
import { nameAuthor, namePerson, type Surroundings } from '../surroundings.ts';
import { renderChart } from './chart.ts';
import { POST_LENGTH } from './lists.ts';
import {
  describeAll,
  describeChange,
  describeHeadline,
  describeLoose,
  describeNeeds,
  describeTitle,
  formatDate,
  formatDay,
  LINE_LENGTH,
} from './summary-words.ts';

/**
 * The parent of a summary thread, to be read in twenty seconds: in a sentence, what is still open,
 * what needs a person, themes, counts, praise, a chart. Whatever it says, it links to.
 */

/** Where a post of the thread stands, by its key; undefined while it is not posted. */
export type LinkOf = (key: string) => string | undefined;

/** The line that says what a run was and cost stands in a block of this id. */
export const RUN_BLOCK = 'run';

/** How much of everything is shown. */
type Detail = typeof SHOWN & { links: boolean; chart: boolean };

const ALL: Detail = { ...SHOWN, links: true, chart: true };

/** What is given up first where it would be too long: only long names and long words come to it. */
const LESS: Partial<Detail>[] = [
  { praise: 1 },
  { stillOpen: 2, themes: 2 },
  { praise: 0 },
  { chart: false },
  { stillOpen: 1, themes: 1 },
  { needs: 1 },
  { links: false },
  { stillOpen: 0, themes: 0, needs: 0 },
];

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

const viewLink = (
  { workspaceUrl }: Surroundings,
  channel: string,
  { ts, threadTs }: { ts: string; threadTs: string | null },
) => link(permalink(workspaceUrl, channel, ts, threadTs), 'view');

/** A gist, or the words of a message that nobody has judged. */
function wordsOf({ gist, text: raw }: { gist: string; text: string }, { nameOf }: Surroundings) {
  return shorten(gist || toPlainText(raw, nameOf), LINE_LENGTH) || '(no text)';
}

/** What earlier summaries have told of and nobody has done: it comes before anything new. */
function renderStillOpen(summary: Summary, detail: Detail, around: Surroundings): RichTextBlock[] {
  const { stillOpen, stillOpenTotal, channel, writtenAt } = summary;
  if (stillOpenTotal === 0) return [];
  const shown = stillOpen.slice(0, detail.stillOpen);
  const toItem = (open: StillOpen) => {
    const claimed = open.state === 'claimed' ? `, claimed by ${namePerson(open.by, around)}` : '';
    return section(
      text(`${wordsOf(open, around)} `),
      viewLink(around, channel, open),
      text(` for ${formatDuration(Math.max(0, writtenAt - open.openedAt))}${claimed}`, {
        italic: true,
      }),
    );
  };
  return [
    renderShown(
      [
        emoji(around.emoji.flag),
        text('  '),
        bold(`Still open: ${formatNumber(stillOpenTotal, around.locale)}`),
      ],
      shown.map(toItem),
      stillOpenTotal,
      around,
    ),
  ];
}

function renderNeeds(summary: Summary, detail: Detail, around: Surroundings): RichTextBlock[] {
  const { flaggedTotal, settledTotal, needs, channel, taxonomy, about } = summary;
  if (flaggedTotal + settledTotal === 0) return [];
  const settled =
    settledTotal > 0 ? ` ${formatNumber(settledTotal, around.locale)} resolved or dismissed.` : '';
  const cards = about.kind === 'run' ? ' The cards are in the thread.' : '';
  const words = describeNeeds(summary, around);
  const toItem = (needed: Quoted) => {
    const category = taxonomy.categories.find(({ key }) => key === needed.category);
    return section(
      ...(category?.emoji ? [emoji(category.emoji), text(' ')] : []),
      text(`${wordsOf(needed, around)} `),
      viewLink(around, channel, needed),
      text(` ${nameAuthor(needed, around)}`, { italic: true }),
    );
  };
  return [
    renderShown(
      [
        ...(flaggedTotal > 0 ? [emoji(around.emoji.flag), text('  '), bold(words)] : [text(words)]),
        text(`${settled}${cards}`),
      ],
      needs.slice(0, detail.needs).map(toItem),
      flaggedTotal,
      around,
    ),
  ];
}

/** A heading, some of what there is, and how many more there are. */
function renderShown(
  heading: RichTextElement[],
  items: RichTextSection[],
  total: number,
  { locale }: Surroundings,
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

function renderThemes(
  summary: Summary,
  detail: Detail,
  around: Surroundings,
  linkOf: LinkOf,
): RichTextBlock[] {
  const { themes, channel, writtenAt, about } = summary;
  const shown = themes.slice(0, detail.themes);
  if (shown.length === 0) return [];
  const toItem = (theme: ThemeFacts) =>
    section(
      bold(shorten(theme.title, LINE_LENGTH) || '(no title)'),
      text(
        ` ${formatNumber(theme.fresh, around.locale)} new, ${formatNumber(theme.month, around.locale)} in 30 days, first seen ${formatDate(theme.firstSeen, writtenAt, around)}${TRENDS[theme.trend]} `,
      ),
      viewLink(around, channel, theme.latest),
    );
  const url = detail.links && about.kind === 'run' ? linkOf(themesKey(about.run)) : undefined;
  const all = url
    ? [text(' · '), link(url, `all ${formatNumber(themes.length, around.locale)}`)]
    : [];
  return [richText(section(bold('Several say'), ...all), bullets(shown.map(toItem)))];
}

/** The numbers by category; noise is for the small print. */
function renderCounts(
  summary: Summary,
  detail: Detail,
  around: Surroundings,
  linkOf: LinkOf,
): RichTextBlock[] {
  const { categories, comparedWith, about } = summary;
  const real = categories.filter(({ category }) => category.emoji);
  if (real.length === 0) return [];
  const since =
    comparedWith === null
      ? ''
      : about.kind === 'run'
        ? ` compared with ${formatDay(comparedWith, around)}`
        : ' compared with the time before';
  const toItem = (counted: CategoryCount) => {
    const { category } = counted;
    return section(
      emoji(category.emoji ?? ''),
      text('  '),
      renderCount(summary, category.key, counted.count, detail, around, linkOf),
      text(` ${category.name}${describeChange(counted, around)}`),
    );
  };
  return [
    richText(
      section(bold('By category'), text(since, { italic: true })),
      bullets(real.map(toItem)),
    ),
  ];
}

/** The number leads to the list, once that is posted. */
function renderCount(
  { about }: Summary,
  category: string,
  n: number,
  { links }: Detail,
  { locale }: Surroundings,
  linkOf: LinkOf,
): RichTextElement {
  const url =
    links && n > 0 && about.kind === 'run' ? linkOf(listKey(about.run, category, 1)) : undefined;
  const number = formatNumber(n, locale);
  return url ? link(url, number, { bold: true }) : bold(number);
}

function renderPraise(summary: Summary, detail: Detail, around: Surroundings): RichTextBlock[] {
  const shown = summary.praise.slice(0, detail.praise);
  if (shown.length === 0) return [];
  return [
    richText(
      section(bold('Praise worth passing on')),
      ...shown.map((praise) =>
        quoted(
          text(`${wordsOf(praise, around)} `),
          text(`${nameAuthor(praise, around)} `, { italic: true }),
          viewLink(around, summary.channel, praise),
        ),
      ),
    ),
  ];
}

/** What is no feedback, or has not become any. */
function renderRest(
  summary: Summary,
  detail: Detail,
  around: Surroundings,
  linkOf: LinkOf,
): RichTextBlock[] {
  const { categories, deadTotal, about } = summary;
  const lines: RichTextElement[][] = categories
    .filter(({ category }) => !category.emoji)
    .map((counted) => [
      renderCount(summary, counted.category.key, counted.count, detail, around, linkOf),
      text(` ${counted.category.name}${describeChange(counted, around)}`),
    ]);
  if (deadTotal > 0) {
    const url = about.kind === 'run' && detail.links ? linkOf(deadKey(about.run, 1)) : undefined;
    const words = `${count(deadTotal, 'message', 'messages', around.locale)} could not be classified`;
    lines.push(
      url
        ? [link(url, words)]
        : [text(about.kind === 'run' ? `${words}: see the thread for why.` : words)],
    );
  }
  if (about.kind === 'run' && about.againTotal > 0) {
    lines.push([
      text(
        `${count(about.againTotal, 'message', 'messages', around.locale)} will be in the next run: edited meanwhile, or without a good answer.`,
      ),
    ]);
  }
  if (lines.length === 0) return [];
  const joined = lines.flatMap((line, n) => (n === 0 ? line : [text('\n'), ...line]));
  return [richText(section(...joined))];
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
