import type { Button, SectionBlock } from '@slack/types';
import { count, shorten } from '../../../core/text.ts';
import type { ThemeFacts } from '../../../core/themes/themes.ts';
import { formatTheme, THEMES } from '../actions.ts';
import { plain } from '../controls.ts';
import { formatDate } from '../digest/summary-words.ts';
import type { RenderContext } from '../render-context.ts';

/** A theme as a row, and the buttons of themes. */

const TITLE_LENGTH = 100;

const LABELS: Record<keyof typeof THEMES, string> = {
  look: 'See messages',
  all: 'All themes',
  order: 'Order',
  show: 'Show',
  out: 'Remove from theme',
  back: 'Put back',
  merge: 'Merge',
  apart: 'Keep separate',
  unmerge: 'Undo the merge',
  group: 'Group them',
  separate: 'Keep apart',
  ungroup: 'Undo the topic',
};

export const themeButton = (action: keyof typeof THEMES): Button => ({
  type: 'button',
  action_id: THEMES[action],
  text: plain(LABELS[action]),
});

export const nameTheme = ({ title }: { title: string }) =>
  shorten(title, TITLE_LENGTH) || '(no title)';

const TRENDS: Record<ThemeFacts['trend'], string> = {
  new: ' · new',
  growing: ' ↗',
  steady: '',
  quiet: ' · gone quiet',
};

/**
 * `Export fails on Safari`, `5 people · 11 messages in 30 days ↗ · 2 people now · since 12 Nov`, with a
 * button. The title is the model's, and so plain text.
 * @param writtenAt the moment of the summary, in ms since 1970
 */
export function renderRow(
  theme: ThemeFacts,
  writtenAt: number,
  renderContext: RenderContext,
): SectionBlock {
  const { fresh, month, monthMessages, firstSeen, trend } = theme;
  const since = formatDate(firstSeen, writtenAt, renderContext);
  const counts = `${countPeople(month, monthMessages)} in 30 days`;
  const now = fresh > 0 && fresh < month ? ` · ${count(fresh, 'person', 'people')} now` : '';
  return {
    type: 'section',
    block_id: formatTheme(theme.id),
    text: plain(nameTheme(theme)),
    fields: [plain(`${counts}${TRENDS[trend]}${now} · since ${since}`)],
    accessory: themeButton('look'),
  };
}

/** `5 people · 11 messages`; just `5 people` when each has written one. */
export const countPeople = (people: number, messages: number): string =>
  `${count(people, 'person', 'people')}${messages > people ? ` · ${count(messages, 'message')}` : ''}`;
