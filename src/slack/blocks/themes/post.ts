import type { ActionsBlock, RichTextBlock, SectionBlock } from '@slack/types';
import type { Rendered } from '../../../core/delivery/effects.ts';
import type { Summary } from '../../../core/digest/digest.ts';
import { count, escapeMrkdwn, shorten } from '../../../core/text.ts';
import type { ThemeMerge } from '../../../core/themes/themes.ts';
import { formatMerge, formatRun } from '../actions.ts';
import { namePerson, type RenderContext } from '../render-context.ts';
import { bold, richText, section, text } from '../rich-text.ts';
import { nameTheme, renderRow, themeButton } from './row.ts';
import { renderProposal, renderTopic } from './topic.ts';

/** The themes in the thread of a summary: topics, the most important themes, and what people decide on. */

const ROWS = 5;

/** Topics, and proposals of topics. */
const TOPICS = 3;

/** Yields the post of a summary's themes; nothing if there are none. */
export function* renderThemes(
  { themes, merges, topics, writtenAt, about }: Summary,
  renderContext: RenderContext,
): Generator<Rendered> {
  const [first] = themes;
  if (!first) return;
  const current = topics.filter(({ fresh }) => fresh > 0);
  const grouped = current.filter(({ state }) => state === 'grouped').slice(0, TOPICS);
  const proposed = current.filter(({ state }) => state === 'proposed').slice(0, TOPICS);
  const run = about.kind === 'run' && themes.length > ROWS ? [about.run] : [];
  yield {
    text: escapeMrkdwn(`${TITLE}: ${nameTheme(first)}${themes.length > 1 ? ' and more' : ''}`),
    blocks: [
      richText(section(bold(TITLE))),
      ...grouped.map((topic) => renderTopic(topic, renderContext)),
      ...themes.slice(0, ROWS).map((theme) => renderRow(theme, writtenAt, renderContext)),
      ...run.map((id) => renderAll(id, themes.length)),
      ...merges.flatMap((merge) => renderMerge(merge, renderContext)),
      ...proposed.flatMap(renderProposal),
    ],
  };
}

const TITLE = 'Recurring themes';

const renderAll = (run: number, themes: number): SectionBlock => ({
  type: 'section',
  block_id: formatRun(run),
  text: { type: 'plain_text', text: `and ${count(themes - ROWS, 'more theme')}`, emoji: false },
  accessory: themeButton('all'),
});

function renderMerge(
  merge: ThemeMerge,
  renderContext: RenderContext,
): (RichTextBlock | ActionsBlock)[] {
  const { id, one, other, state, by } = merge;
  const quoteTitle = ({ title }: { title: string }) => `“${shorten(nameTheme({ title }), 60)}”`;
  const [first, second] = [quoteTitle(one), quoteTitle(other)];
  const merged = state === 'merged';
  const said = merged
    ? `${namePerson(by, renderContext, 'A teammate')} merged ${second} into ${first}.`
    : `${first} and ${second} may be the same.`;
  return [
    richText(section(text(said))),
    {
      type: 'actions',
      block_id: formatMerge(id),
      elements: merged ? [themeButton('unmerge')] : [themeButton('merge'), themeButton('apart')],
    },
  ];
}
