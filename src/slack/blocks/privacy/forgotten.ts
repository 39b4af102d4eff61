import type { Rendered } from '../../../core/delivery/effects.ts';
import { count } from '../../../core/text.ts';
import { renderNotice } from '../notice.ts';
import { richText, section, text } from '../rich-text.ts';

/** In place of a post about one message that was forgotten. */
export function renderForgotten(): Rendered {
  const words = 'What stood here was about a message that has been forgotten.';
  return { text: words, blocks: [richText(section(text(words, { italic: true })))] };
}

/** Tells the person who asked for it. It names nobody. */
export const renderForgettingDone = (messages: number, replies: number): Rendered =>
  renderNotice(
    `Done: ${countTexts(messages, replies)} forgotten. What I have posted about ${messages + replies === 1 ? 'it' : 'them'} is updated.`,
  );

const countTexts = (messages: number, replies: number) =>
  `${describeTexts(messages, replies)} ${messages + replies === 1 ? 'is' : 'are'}`;

/** `12 messages and 3 replies` */
export function describeTexts(messages: number, replies: number): string {
  const parts = [
    ...(messages > 0 || replies === 0 ? [count(messages, 'message')] : []),
    ...(replies > 0 ? [count(replies, 'reply', 'replies')] : []),
  ];
  return parts.join(' and ');
}
