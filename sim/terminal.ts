import { styleText } from 'node:util';
import shortcodes from 'emojibase-data/en/shortcodes/iamcal.json' with { type: 'json' };

/** Renders Slack messages and their blocks as text for a terminal. */

const GLYPHS = new Map(
  Object.entries(shortcodes as Record<string, string | string[]>).flatMap(([hexcode, names]) =>
    [names].flat().map((name) => [name, toGlyph(hexcode)] as const),
  ),
);

function toGlyph(hexcode: string): string {
  const points = hexcode.split('-').map((point) => Number.parseInt(point, 16));
  const glyph = String.fromCodePoint(...points);
  // Older characters are black and white without the emoji variation selector.
  return points.length === 1 && (points[0] ?? 0) < 0x1f000 ? `${glyph}\ufe0f` : glyph;
}

/** The names of people and channels, by id. */
export type Names = ReadonlyMap<string, string>;

type Shown = { text: string; blocks?: readonly Record<string, unknown>[] };

/** @param indent put before every line */
export function renderForTerminal(names: Names, { text, blocks }: Shown, indent = ''): string {
  const lines = blocks?.length
    ? blocks.map((block) => renderBlock(names, block))
    : [mrkdwn(names, text)];
  return lines.filter(Boolean).join('\n').replace(/^/gm, indent);
}

export const renderEmoji = (name: string) => GLYPHS.get(name) ?? `:${name}:`;

function renderBlock(names: Names, block: unknown): string {
  const { type, text, elements, fields, accessory } = block as Record<string, unknown>;
  const children = Array.isArray(elements) ? elements : [];
  switch (type) {
    case 'header':
      return styleText('bold', renderText(names, text));
    case 'section':
      return [
        renderText(names, text),
        ...(Array.isArray(fields) ? fields.map((field) => renderText(names, field)) : []),
        ...(accessory ? [renderControl(names, accessory)] : []),
      ].join('  ');
    case 'context':
      return styleText('dim', children.map((element) => renderText(names, element)).join('  '));
    case 'divider':
      return styleText('dim', '────────');
    case 'actions':
      return children.map((element) => renderControl(names, element)).join(' ');
    case 'rich_text':
      return children.map((element) => renderRichText(names, element)).join('\n');
    case 'data_table':
    case 'table':
      return renderTable(names, block as { rows?: unknown; caption?: unknown });
    case 'data_visualization':
      return renderChart(block as { title?: unknown; chart?: { series?: unknown } });
    default:
      return styleText('dim', `(a block of type ${String(type)})`);
  }
}

/** A row a line; the first one has the titles. */
function renderTable(
  names: Names,
  { rows, caption }: { rows?: unknown; caption?: unknown },
): string {
  const lines = (Array.isArray(rows) ? rows : []).map((row: unknown, index) => {
    const cells = (Array.isArray(row) ? row : []).map((cell) => renderCell(names, cell));
    const line = `  ${cells.join('  ·  ')}`;
    return index === 0 ? styleText('dim', line) : line;
  });
  return [...(typeof caption === 'string' ? [styleText('bold', caption)] : []), ...lines].join(
    '\n',
  );
}

/** The text of a cell, whatever its kind. */
function renderCell(names: Names, cell: unknown): string {
  const { type, text, value, elements } = cell as Record<string, unknown>;
  if (Array.isArray(elements)) return elements.map((part) => renderRichText(names, part)).join('');
  if (type === 'rich_text' || text === undefined) return String(value ?? '');
  return typeof text === 'string' ? withGlyphs(text) : renderText(names, text);
}

/** The sum of each series. */
function renderChart({ title, chart }: { title?: unknown; chart?: { series?: unknown } }): string {
  const series = Array.isArray(chart?.series) ? chart.series : [];
  const sums = series.map(({ name, data }: { name: string; data: { value: number }[] }) => {
    const sum = data.reduce((total, { value }) => total + value, 0);
    return `${sum.toLocaleString('en')} ${name}`;
  });
  return [styleText('bold', String(title ?? '')), `  ${sums.join('  ·  ')}`].join('\n');
}

/** A button, or a select with its choice. */
function renderControl(names: Names, element: unknown): string {
  const { text, initial_option, placeholder } = element as Record<string, unknown>;
  if (text !== undefined) return `[ ${renderText(names, text)} ]`;
  const chosen = (initial_option as { text?: unknown } | undefined)?.text ?? placeholder;
  return `[ ${renderText(names, chosen)} ▾ ]`;
}

function renderRichText(names: Names, element: Record<string, unknown>): string {
  const children = Array.isArray(element.elements) ? element.elements : [];
  const inner = () => children.map((child) => renderRichText(names, child)).join('');
  switch (element.type) {
    case 'rich_text_section':
      return inner();
    case 'rich_text_list':
      return children.map((child) => `  • ${renderRichText(names, child)}`).join('\n');
    case 'rich_text_quote':
      return inner().replace(/^/gm, '  │ ');
    case 'text': {
      const style = element.style as { bold?: boolean; italic?: boolean } | undefined;
      const format = style?.bold ? 'bold' : style?.italic ? 'italic' : undefined;
      return format ? styleText(format, String(element.text)) : String(element.text);
    }
    case 'emoji':
      return renderEmoji(String(element.name));
    case 'link':
      return renderLink(String(element.text ?? element.url));
    case 'date':
      return String(element.fallback ?? '');
    default:
      return inner();
  }
}

const renderLink = (label: string) => styleText('blue', `‹${label}›`);

function renderText(names: Names, object: unknown): string {
  if (typeof object !== 'object' || object === null) return '';
  const { type, text, emoji } = object as Record<string, unknown>;
  if (type === 'mrkdwn') return mrkdwn(names, String(text));
  return emoji ? withGlyphs(String(text ?? '')) : String(text ?? '');
}

const withGlyphs = (text: string) =>
  text.replace(/:([a-z0-9_+-]+):/g, (whole, name: string) => GLYPHS.get(name) ?? whole);

function mrkdwn(names: Names, text: string): string {
  const spoken = text.replace(/<([^<>]*)>/g, (_whole, inner: string) => {
    const [target = '', label] = inner.split('|');
    if (/^https?:/.test(target)) return renderLink(label ?? target);
    const name = /^[@#]/.test(target) ? names.get(target.slice(1)) : undefined;
    return name ?? label ?? target;
  });
  return withGlyphs(spoken)
    .replace(/\*([^*\n]+)\*/g, (_whole, bold: string) => styleText('bold', bold))
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}
