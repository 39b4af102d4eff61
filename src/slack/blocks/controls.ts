import type {
  ActionsBlock,
  Button,
  PlainTextElement,
  PlainTextOption,
  StaticSelect,
} from '@slack/types';
import type { Category, Taxonomy } from '../../core/runs/taxonomy.ts';
import { ACTIONS, formatTarget } from './actions.ts';

/** The buttons, the menu and the category select, the same on cards, in lists and in modals. */

const LABELS = {
  claim: 'Claim',
  resolve: 'Resolve',
  dismiss: 'Not an issue',
  undo: 'Undo',
  flag: 'Flag',
  why: 'Why?',
};
export type Control = keyof typeof LABELS;

/** Slack's limit for the text of an option or a button, November 2026. */
const LABEL_LENGTH = 75;

export const plain = (text: string, emoji = false): PlainTextElement => ({
  type: 'plain_text',
  text,
  emoji,
});

export const button = (
  control: Control,
  { label = LABELS[control], primary = false } = {},
): Button => ({
  type: 'button',
  action_id: ACTIONS[control],
  text: plain(label),
  ...(primary && { style: 'primary' }),
});

const MENU = {
  dismiss: LABELS.dismiss,
  undo: LABELS.undo,
  category: 'Change category…',
  why: LABELS.why,
};
export type MenuItem = keyof typeof MENU;

/**
 * What can be done on a card: the first button is the one that most people want; all else is in a menu.
 * @param items at most five
 * @param selects what else can be said of it
 */
export const renderCardControls = (
  { channel, ts }: { channel: string; ts: string },
  buttons: Control[],
  items: MenuItem[],
  selects: StaticSelect[],
): ActionsBlock => ({
  type: 'actions',
  block_id: formatTarget(channel, ts, showing(selects)),
  elements: [
    ...buttons.map((control, n) => button(control, { primary: n === 0 })),
    ...selects,
    {
      type: 'overflow',
      action_id: ACTIONS.more,
      options: items.map((item) => ({ text: plain(MENU[item]), value: ACTIONS[item] })),
    },
  ],
});

/** What selects show: see `formatTarget`. */
const showing = (selects: StaticSelect[]): string | undefined =>
  selects.flatMap(({ initial_option }) => initial_option?.value ?? []).join('__') || undefined;

/**
 * @param primary the control that most people want, in green
 * @param category the key of the message's category; null if it has none yet
 */
export function renderControls(
  { channel, ts }: { channel: string; ts: string },
  controls: Control[],
  primary: Control | null,
  category: string | null,
  taxonomy: Taxonomy,
  selects: StaticSelect[] = [],
): ActionsBlock {
  const options = taxonomy.categories.map((category) => toOption(category));
  const chosen = options.find(({ value }) => value === category);
  const all: StaticSelect[] = [
    ...selects,
    {
      type: 'static_select',
      action_id: ACTIONS.category,
      placeholder: plain('Category'),
      options,
      ...(chosen && { initial_option: chosen }),
    },
  ];
  return {
    type: 'actions',
    block_id: formatTarget(channel, ts, showing(all)),
    elements: [
      ...controls.map((control) => button(control, { primary: control === primary })),
      ...all,
    ],
  };
}

/** A category as an option of a select; its value is the category's key. @param before words before the name */
export function toOption({ key, name, emoji }: Category, before = ''): PlainTextOption {
  const words = `${before}${name}`;
  const label = emoji ? `:${emoji}: ${words}` : words;
  return { text: plain(label.length <= LABEL_LENGTH ? label : words, true), value: key };
}
