import type { RichTextBlock, RichTextElement, RichTextSection } from '@slack/types';

/**
 * The elements of rich text. Text from users and from Claude always goes into `text` elements, which
 * Slack shows literally: it cannot mention anybody, and no markup in it takes effect.
 */

export const text = (
  value: string,
  style?: { bold?: true; italic?: true; code?: true },
): RichTextElement => ({
  type: 'text',
  text: value,
  ...(style && { style }),
});

export const bold = (value: string): RichTextElement => text(value, { bold: true });

export const code = (value: string): RichTextElement => text(value, { code: true });

export const emoji = (name: string): RichTextElement => ({ type: 'emoji', name });

export const link = (url: string, label: string, style?: { bold: true }): RichTextElement => ({
  type: 'link',
  url,
  text: label,
  ...(style && { style }),
});

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

// Slack refuses an empty `text`.
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

/** Rich text with a block id, by which code that reads the post finds it. */
export const namedRichText = (
  block_id: string,
  ...elements: RichTextBlock['elements']
): RichTextBlock => ({ type: 'rich_text', block_id, elements });

export const bullets = (items: RichTextSection[]): RichTextBlock['elements'][number] => ({
  type: 'rich_text_list',
  style: 'bullet',
  elements: items,
});

const quoted = (...elements: RichTextElement[]): RichTextBlock['elements'][number] => ({
  type: 'rich_text_quote',
  elements: shown(elements),
});

export const quote = (value: string) => quoted(text(value));

/** Slack's limit for other kinds of text; it documents none for rich text. */
const TEXT_LENGTH = 3_000;

/** A quote of any length, in pieces that appear as one. */
export function quoteAll(value: string): RichTextBlock['elements'][number] {
  const pieces: string[] = [''];
  for (const { segment } of graphemes.segment(value)) {
    const last = pieces[pieces.length - 1] ?? '';
    if (last.length + segment.length <= TEXT_LENGTH) pieces[pieces.length - 1] = last + segment;
    else pieces.push(segment);
  }
  return { type: 'rich_text_quote', elements: shown(pieces.map((piece) => text(piece))) };
}

/**
 * A time, which Slack shows to each reader in their own time zone; its fallback is in `timeZone`.
 * @param at ms since 1970
 */
export const moment = (at: number, timeZone: string): RichTextElement => ({
  type: 'date',
  timestamp: Math.floor(at / 1000),
  format: '{date_pretty}, {time}',
  fallback: new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  }).format(at),
});
