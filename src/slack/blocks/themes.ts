import type { ActionsBlock, Button, ModalView, RichTextBlock, SectionBlock } from '@slack/types';
import type { Rendered } from '../../core/delivery/effects.ts';
import type { Summary } from '../../core/digest/digest.ts';
import { DAY_MS } from '../../core/durations.ts';
import { count, escapeMrkdwn, shorten } from '../../core/text.ts';
import type { ThemeFacts, ThemeMerge, ThemeMessage, ThemeView } from '../../core/themes/themes.ts';
import { permalink } from '../../core/timestamps.ts';
import { formatMerge, formatTheme, THEMES } from './actions.ts';
import { plain } from './controls.ts';
import { POST_LENGTH } from './digest/lists.ts';
import { formatDate } from './digest/summary-words.ts';
import { namePerson, type RenderContext } from './render-context.ts';
import { bold, link, richText, section, text } from './rich-text.ts';

/**
 * The table of themes in the thread of a summary, with its buttons, and the modal of one theme with
 * its messages.
 */

/** Slack's own limit for the rows of a table, without its header: https://docs.slack.dev/reference/block-kit/blocks/data-table-block, November 2026. */
const MAX_ROWS = 99;

/** How many themes get a button that opens their modal. */
const MAX_LOOKS = 8;
const TITLE_LENGTH = 60;

const LABELS = {
  look: 'Look',
  out: 'Not this',
  back: 'Put back',
  merge: 'Merge',
  apart: 'No',
  unmerge: 'Undo the merge',
};

const TRENDS: Record<ThemeFacts['trend'], string> = {
  new: 'new',
  growing: 'growing',
  steady: 'steady',
  quiet: 'gone quiet',
};

/** Yields the post of a summary's themes; nothing if there are none. */
export function* renderThemes(summary: Summary, renderContext: RenderContext): Generator<Rendered> {
  const { themes, merges, channel, writtenAt } = summary;
  const [first] = themes;
  if (!first) return;
  const below: object[] = [
    ...themes.slice(0, MAX_LOOKS).map(renderLook),
    ...merges.flatMap((merge) => renderMerge(merge, renderContext)),
  ];
  const header = ['Theme', 'New', '30 days', 'First seen', 'Trend', 'Latest'].map(words);
  const rows: object[][] = [];
  // Reserve 400 characters for the frame of the table and the line below it.
  let length = JSON.stringify([header, below]).length + 400;
  for (const theme of themes.slice(0, MAX_ROWS)) {
    const row = renderRow(theme, { channel, writtenAt }, renderContext);
    length += JSON.stringify(row).length + 1;
    if (rows.length > 0 && length > POST_LENGTH) break;
    rows.push(row);
  }
  const more = themes.length - rows.length;
  yield {
    text: escapeMrkdwn(`${CAPTION}: ${nameTheme(first)}${themes.length > 1 ? ' and more' : ''}`),
    blocks: [
      { type: 'data_table', caption: CAPTION, page_size: 10, rows: [header, ...rows] },
      ...(more > 0
        ? [richText(section(text(`and ${count(more, 'more theme')}`, { italic: true })))]
        : []),
      ...below,
    ],
  };
}

const CAPTION = 'Themes: what several have said';

const nameTheme = ({ title }: { title: string }) => shorten(title, TITLE_LENGTH) || '(no title)';

const words = (value: string) => ({ type: 'raw_text', text: value });

function renderRow(
  theme: ThemeFacts,
  { channel, writtenAt }: Pick<Summary, 'channel' | 'writtenAt'>,
  renderContext: RenderContext,
): object[] {
  const { fresh, month, firstSeen, lastSeen, trend, latest } = theme;
  const address = permalink(renderContext.workspaceUrl, channel, latest.ts, latest.threadTs);
  return [
    words(nameTheme(theme)),
    { type: 'raw_number', value: fresh },
    { type: 'raw_number', value: month },
    // Slack sorts by the value, the number of the day, and shows the text.
    {
      type: 'raw_number',
      value: Math.floor(firstSeen / DAY_MS),
      text: formatDate(firstSeen, writtenAt, renderContext),
    },
    words(TRENDS[trend]),
    richText(section(link(address, formatDate(lastSeen, writtenAt, renderContext)))),
  ];
}

function renderLook(theme: ThemeFacts): SectionBlock {
  return {
    type: 'section',
    block_id: formatTheme(theme.id),
    text: plain(nameTheme(theme)),
    accessory: button('look'),
  };
}

function renderMerge(
  merge: ThemeMerge,
  renderContext: RenderContext,
): (RichTextBlock | ActionsBlock)[] {
  const { id, one, other, state, by } = merge;
  const [first, second] = [`“${nameTheme(one)}”`, `“${nameTheme(other)}”`];
  const merged = state === 'merged';
  const said = merged
    ? `${namePerson(by, renderContext, 'A teammate')} merged ${second} into ${first}.`
    : `${first} and ${second} may be the same.`;
  return [
    richText(section(text(said))),
    {
      type: 'actions',
      block_id: formatMerge(id),
      elements: merged ? [button('unmerge')] : [button('merge'), button('apart')],
    },
  ];
}

const button = (action: keyof typeof THEMES): Button => ({
  type: 'button',
  action_id: THEMES[action],
  text: plain(LABELS[action]),
});

/** @param notice why the last act was refused */
export function renderTheme(
  view: ThemeView,
  renderContext: RenderContext,
  notice?: string,
): ModalView {
  const { title, total, messages } = view;
  const taken = messages.filter(({ takenOutBy }) => takenOutBy !== null).length;
  const shown = messages.length - taken;
  const newest = total > shown ? `, the newest ${shown} of them` : '';
  return {
    type: 'modal',
    title: plain('Theme'),
    close: plain('Close'),
    blocks: [
      ...(notice ? [richText(section(bold(notice)))] : []),
      richText(
        section(bold(title || '(no title)')),
        section(
          text(
            total === 0
              ? 'No messages belong to it any more.'
              : `${count(total, 'message')} about this${newest}:`,
          ),
        ),
      ),
      ...messages.map((message) => renderMember(message, view, renderContext)),
    ],
  };
}

/** A section with a button cannot hold rich text, so the text is plain and the link is a field. */
function renderMember(
  { ts, threadTs, gist, takenOutBy }: ThemeMessage,
  { id, channel }: ThemeView,
  renderContext: RenderContext,
): SectionBlock {
  const address = escapeMrkdwn(permalink(renderContext.workspaceUrl, channel, ts, threadTs));
  const out = takenOutBy !== null;
  const who = out ? `Taken out by ${namePerson(takenOutBy, renderContext)}: ` : '';
  return {
    type: 'section',
    block_id: formatTheme(id, ts),
    text: plain(`${who}${gist || '(no text)'}`),
    fields: [{ type: 'mrkdwn', text: `<${address}|view>` }],
    accessory: button(out ? 'back' : 'out'),
  };
}
