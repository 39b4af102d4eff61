import { escapeMrkdwn } from '../../core/text.ts';
import { describeDataBlock } from './data-blocks.ts';

/** A little below the 40,000 characters that Slack accepts: https://docs.slack.dev/reference/methods/chat.postMessage, November 2026. */
const MAX_TEXT = 39_000;

/**
 * Turns blocks into one plain text, for a workspace that refuses them. Everything is escaped. Links
 * keep their address, because a summary without its sources is worth little.
 */
export function flattenBlocks(text: string, blocks: object[]): string {
  const body = blocks.map(flatten).filter(Boolean).join('\n');
  return cutLines(body || text, MAX_TEXT);
}

/** Shortens a text to whole lines, because half a link or half an entity would show as such. */
export function cutLines(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = text.lastIndexOf('\n', length - 2);
  return end < 0 ? '…' : `${text.slice(0, end)}\n…`;
}

function flatten(node: unknown): string {
  if (Array.isArray(node)) return node.map(flatten).filter(Boolean).join('\n');
  if (typeof node !== 'object' || node === null) return '';
  const { type, text, url, name, elements, fields, ...rest } = node as Record<string, unknown>;
  switch (type) {
    case 'link':
      // A bar in the label would end it.
      return `<${escapeMrkdwn(String(url))}|${escapeMrkdwn(String(text).replaceAll('|', '¦'))}>`;
    case 'date':
      return `<!date^${rest.timestamp}^${rest.format}|${escapeMrkdwn(String(rest.fallback))}>`;
    case 'channel':
      return `<#${rest.channel_id}>`;
    case 'emoji':
      return `:${name}:`;
    case 'text':
    case 'plain_text':
      return escapeMrkdwn(String(text));
    case 'mrkdwn':
      // We wrote it, with everything from outside escaped.
      return String(text);
    case 'section':
      // Leave out the accessory: a button cannot be pressed in a text.
      return [flatten(text), flatten(fields)].filter(Boolean).join(' ');
    case 'actions':
      return '';
    case 'data_visualization':
      return flatten(describeDataBlock(node));
    case 'rich_text_quote':
      return `> ${inline(elements)}`;
    case 'rich_text_section':
      return inline(elements);
    case 'rich_text_list':
      return (elements as unknown[]).map((item) => `• ${flatten(item)}`).join('\n');
    default:
      return [flatten(text), flatten(elements)].filter(Boolean).join('\n');
  }
}

const inline = (elements: unknown) =>
  Array.isArray(elements) ? elements.map(flatten).join('') : '';
