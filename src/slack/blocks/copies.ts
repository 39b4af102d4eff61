import type { RichTextElement } from '@slack/types';
import { count } from '../../core/text.ts';
import { permalink } from '../../core/timestamps.ts';
import { link, text } from './rich-text.ts';

/** The posts in which an integration repeated a message. */

/** The newest are as good as all. */
const LINKED = 5;

export const describeCopies = (copies: string[]): string =>
  `posted ${count(copies.length + 1, 'time')}`;

/** ` · posted 3 times: 2 3`, with a link to each; nothing without copies. */
export function renderCopies(
  copies: string[],
  channel: string,
  workspaceUrl: string,
): RichTextElement[] {
  if (copies.length === 0) return [];
  const first = Math.max(0, copies.length - LINKED);
  const links = copies.slice(first).flatMap((ts, n) => {
    const address = permalink(workspaceUrl, channel, ts, null);
    return [text(' '), link(address, String(first + n + 2))];
  });
  return [text(` · ${describeCopies(copies)}:`), ...links];
}
