import type { ModalView, PlainTextOption } from '@slack/types';
import { count, formatNumber } from '../../../core/text.ts';
import {
  THEME_ORDERS,
  THEME_TRENDS,
  type ThemeFacts,
  type ThemeOrder,
  type ThemeTrend,
} from '../../../core/themes/themes.ts';
import { THEMES } from '../actions.ts';
import { plain } from '../controls.ts';
import type { RenderContext } from '../render-context.ts';
import { richText, section, text } from '../rich-text.ts';
import { renderRow } from './row.ts';

/** The modal of all themes of a summary, in an order and of a kind that the reader chooses. */

/** Slack's limit is 100 blocks a view, November 2026; some are the controls. */
const MAX_ROWS = 90;

export const ALL_THEMES_BLOCK = 'all-themes';

export interface AllThemes {
  /** Whose summary it is. */
  run: number;
  /** ms since 1970 */
  writtenAt: number;
  /** All of them, the most important first. */
  themes: ThemeFacts[];
  order: ThemeOrder;
  /** null: every kind */
  trend: ThemeTrend | null;
}

const ORDERS: Record<ThemeOrder, string> = {
  important: 'Most people now',
  month: 'Most people in 30 days',
  newest: 'Newest first',
  oldest: 'Oldest first',
};

const TRENDS: Record<ThemeTrend, string> = {
  new: 'New',
  growing: 'Growing',
  steady: 'Steady',
  quiet: 'Gone quiet',
};

const EVERY = 'every';

export function renderAllThemes(
  { run, writtenAt, themes, order, trend }: AllThemes,
  renderContext: RenderContext,
): ModalView {
  const chosen = themes.filter((theme) => trend === null || theme.trend === trend);
  const shown = chosen.toSorted(COMPARE[order]).slice(0, MAX_ROWS);
  const more = chosen.length - shown.length;
  const orders = THEME_ORDERS.map((key) => option(ORDERS[key], key));
  const kinds = [
    option(`All (${formatNumber(themes.length)})`, EVERY),
    ...THEME_TRENDS.map((key) => {
      const of = themes.filter((theme) => theme.trend === key).length;
      return option(`${TRENDS[key]} (${formatNumber(of)})`, key);
    }),
  ];
  return {
    type: 'modal',
    title: plain('All themes'),
    close: plain('Close'),
    private_metadata: String(run),
    blocks: [
      {
        type: 'actions',
        block_id: ALL_THEMES_BLOCK,
        elements: [select('order', orders, order), select('show', kinds, trend ?? EVERY)],
      },
      ...shown.map((theme) => renderRow(theme, writtenAt, renderContext)),
      ...(shown.length === 0 ? [note('There are no themes of this kind.')] : []),
      ...(more > 0 ? [note(`and ${count(more, 'more theme')}`)] : []),
    ],
  };
}

const COMPARE: Record<ThemeOrder, (one: ThemeFacts, other: ThemeFacts) => number> = {
  important: () => 0,
  month: (one, other) => other.month - one.month,
  newest: (one, other) => other.firstSeen - one.firstSeen,
  oldest: (one, other) => one.firstSeen - other.firstSeen,
};

const option = (label: string, value: string): PlainTextOption => ({ text: plain(label), value });

const select = (action: 'order' | 'show', options: PlainTextOption[], chosen: string) => {
  const initial = options.find(({ value }) => value === chosen);
  return {
    type: 'static_select' as const,
    action_id: THEMES[action],
    options,
    ...(initial && { initial_option: initial }),
  };
};

const note = (words: string) => richText(section(text(words, { italic: true })));
