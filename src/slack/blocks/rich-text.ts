import type { RichTextBlock, RichTextElement, RichTextSection } from '@slack/types';

/**
 * Rich text, piece by piece. A `text` element shows its text and nothing else: no token in it can
 * mention anybody, no markup can look like ours. So it is what user and model text is put into.
 */

export const text = (value: string, style?: { bold?: true; italic?: true }): RichTextElement => ({
  type: 'text',
  text: value,
  ...(style && { style }),
});

export const bold = (value: string): RichTextElement => text(value, { bold: true });

export const emoji = (name: string): RichTextElement => ({ type: 'emoji', name });

export const link = (url: string, label: string): RichTextElement => ({
  type: 'link',
  url,
  text: label,
});

// An empty `text` is refused by Slack.
const shown = (elements: RichTextElement[]) =>
  elements.filter((element) => element.type !== 'text' || element.text !== '');

export const section = (...elements: RichTextElement[]): RichTextSection => ({
  type: 'rich_text_section',
  elements: shown(elements),
});

export const richText = (...elements: RichTextBlock['elements']): RichTextBlock => ({
  type: 'rich_text',
  elements,
});

export const bullets = (items: RichTextSection[]): RichTextBlock['elements'][number] => ({
  type: 'rich_text_list',
  style: 'bullet',
  elements: items,
});

export const quote = (value: string): RichTextBlock['elements'][number] => ({
  type: 'rich_text_quote',
  elements: [text(value)],
});
