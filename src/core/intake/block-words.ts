import { cleanText, escapeMrkdwn } from '../text.ts';

/** The words of blocks: those that are known, and those that are newer than this code. */

/** Nobody nests blocks like this, and the walk must not exhaust the stack. */
const DEEPEST = 50;

export function linesOfBlocks(blocks: unknown): string[] {
  return linesOf(blocks, 0)
    .map((line) => cleanText(line).trim())
    .filter(Boolean);
}

/** Their children make one line. */
const INLINE = new Set(['rich_text_section', 'rich_text_preformatted', 'rich_text_quote']);

/** The keys of a block, known or newer than this code, that have words, or parts that have words. */
const WORDED = [
  ...['title', 'subtitle', 'text', 'label', 'author_name', 'provider_name', 'description', 'body'],
  ...['details', 'output', 'alt_text', 'caption', 'content', 'footer', 'hint'],
];
const PARTS = [
  ...['elements', 'fields', 'rows', 'columns', 'cells', 'items', 'blocks', 'slides', 'cards'],
  ...['child_blocks', 'tasks', 'sources', 'chart', 'series', 'segments', 'hero_image', 'accessory'],
];

/** Nobody says what stands on these, whether they have an `action_id` or not. */
const CONTROL = /^(?:.*button.*|.*select|.*picker|.*_input|overflow|checkboxes)$/;

function linesOf(node: unknown, depth: number): string[] {
  if (depth > DEEPEST || typeof node !== 'object' || node === null) return [];
  if (Array.isArray(node)) return node.flatMap((child) => linesOf(child, depth + 1));
  const part = node as Record<string, unknown>;
  if (typeof part.action_id === 'string' || CONTROL.test(String(part.type))) return [];
  const inline = readInline(part);
  if (inline !== undefined) return [inline];
  if (INLINE.has(String(part.type))) return [linesOf(part.elements, depth + 1).join('')];
  const lines = [
    ...WORDED.flatMap((key) => {
      // A container shows the title in rich text, if it has both.
      const value = (key === 'title' && part.rich_text_title) || part[key];
      return typeof value === 'string' ? [escapeMrkdwn(value)] : linesOf(value, depth + 1);
    }),
    ...PARTS.flatMap((key) => linesOf(part[key], depth + 1)),
  ];
  // A picture's title is often its alternative text too.
  return part.type === 'image' ? [...new Set(lines)] : lines;
}

/** Text, and the elements of rich text. @returns undefined for everything else */
function readInline(part: Record<string, unknown>): string | undefined {
  const read = (key: string): string => (typeof part[key] === 'string' ? String(part[key]) : '');
  switch (part.type) {
    // Text in mrkdwn is escaped, as in a message; elsewhere it is not.
    case 'mrkdwn':
      return read('text');
    case 'text':
    case 'plain_text':
    case 'raw_text':
      return escapeMrkdwn(read('text'));
    case 'raw_number':
      return String(part.value ?? part.text ?? '');
    case 'link':
      return readLink(read('url'), escapeMrkdwn(read('text')));
    case 'user':
      return `<@${read('user_id')}>`;
    case 'usergroup':
      return `<!subteam^${read('usergroup_id')}>`;
    case 'channel':
      return `<#${read('channel_id')}>`;
    case 'broadcast':
      return `<!${read('range')}>`;
    case 'emoji':
      return `:${read('name')}:`;
    case 'color':
      return read('value');
    case 'date':
      return escapeMrkdwn(read('fallback')) || `<!date^${part.timestamp}^${read('format')}>`;
    case 'call': {
      const { v1 } = (part.call ?? {}) as { v1?: { name?: unknown } };
      return typeof v1?.name === 'string' ? escapeMrkdwn(v1.name) : '';
    }
    default:
      return undefined;
  }
}

function readLink(url: string, label: string): string {
  const target = url.replace(/[<>|]/g, encodeURIComponent);
  return label && label !== url ? `<${target}|${label.replace(/\|/g, '¦')}>` : `<${target}>`;
}

/** Whether blocks show a picture. */
export const hasPicture = (blocks: unknown): boolean =>
  Array.isArray(blocks) &&
  blocks.some((block: { type?: unknown; accessory?: { type?: unknown } } | null) =>
    [block?.type, block?.accessory?.type].includes('image'),
  );
