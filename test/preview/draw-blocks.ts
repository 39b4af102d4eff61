import { createElement as h, type ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { Message, type MessageProps } from 'slack-blocks-to-jsx';
import { drawElement, type Json, listOf, withEmoji, wordsOf } from './draw-elements.ts';

/**
 * Blocks as HTML: by slack-blocks-to-jsx, and by hand what it draws only in a living page (the
 * option that a select shows, a table that can be sorted). What comes out incomplete, or not at all,
 * has its JSON beneath it.
 */

export function drawBlocks(blocks: object[]): string {
  return blocks.map((block) => drawBlock(block as Json)).join('\n');
}

/** A top-level text, or an answer in words alone: it is mrkdwn. */
export const drawMrkdwn = (text: string): string =>
  text === '' ? '' : drawBlocks([{ type: 'section', text: { type: 'mrkdwn', text } }]);

function drawBlock(block: Json): string {
  let html = '';
  try {
    html = DRAWN_HERE[String(block.type)]?.(block) ?? drawByLibrary(block);
  } catch {
    // What it does not know, it may throw at.
  }
  return isComplete(block, html) ? html : `${html}${foldJson(block)}`;
}

const render = (node: ReactNode) => renderToStaticMarkup(node);

const DRAWN_HERE: Record<string, (block: Json) => string> = {
  actions: (block) =>
    render(h('div', { className: 'actions' }, ...listOf(block.elements).map(drawElement))),
  input: (block) =>
    render(
      h(
        'div',
        { className: 'input' },
        h(
          'span',
          null,
          h('strong', null, wordsOf(block.label)),
          block.optional ? h('small', null, ' (optional)') : null,
        ),
        drawElement(block.element as Json),
        block.hint ? h('small', { className: 'hint' }, wordsOf(block.hint)) : null,
      ),
    ),
  data_table: drawTable,
  header: (block) => `<h3 class="header">${drawText(block.text as Json)}</h3>`,
  context: (block) =>
    `<div class="context">${listOf(block.elements).map(drawText).join(' ')}</div>`,
  section(block) {
    const { text, fields, accessory } = block;
    const words = [text, fields].flat().flatMap((part) => (part ? drawText(part as Json) : []));
    const button = accessory ? render(drawElement(accessory as Json)) : '';
    return `<div class="section"><div>${words.join('\n')}</div>${button}</div>`;
  },
};

/** The library takes tokens and marks in a plain text for markup. Slack does not. */
function drawText(text: Json): string {
  if (text.type === 'mrkdwn') return drawEscaped(String(text.text));
  return render(h('p', { className: 'plain' }, withEmoji(text)));
}

/** It also takes what is escaped for a token: until it is drawn, other characters stand for it. */
function drawEscaped(mrkdwn: string): string {
  const hidden = mrkdwn.replace(/&(?:lt|gt|amp);/g, (entity) => HIDDEN[entity] ?? entity);
  const html = drawByLibrary({ type: 'section', text: { type: 'mrkdwn', text: hidden } });
  return html.replace(/[\ue000-\ue002]/g, (one) => SHOWN[one] ?? one);
}

const HIDDEN: Record<string, string> = { '&lt;': '\ue000', '&gt;': '\ue001', '&amp;': '\ue002' };
const SHOWN = Object.fromEntries(Object.entries(HIDDEN).map(([entity, one]) => [one, entity]));

function drawByLibrary(block: Json): string {
  const html = render(
    h(Message, {
      blocks: [block] as unknown as MessageProps['blocks'],
      name: '',
      logo: '',
      theme: 'light',
      withoutWrapper: true,
      hooks: { channel: ({ id }) => h('span', { className: 'channel' }, id) },
      data: { channels: channelsIn(block).map((id) => ({ id, name: id })) },
    }),
  );
  // Ids stand many times on this page, and the theme is the page's.
  return html.replace(/ (?:id|data-theme)="[^"]*"/g, '');
}

/** Of a channel that it has no name for, the library shows nothing. */
function channelsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(channelsIn);
  if (typeof value !== 'object' || value === null) return [];
  const own = 'channel_id' in value ? [String(value.channel_id)] : [];
  return [...own, ...Object.values(value).flatMap(channelsIn)];
}

function drawTable(block: Json): string {
  const [head = [], ...rows] = listOf(block.rows) as unknown as Json[][];
  const drawCell = (tag: 'th' | 'td') => (cell: Json) =>
    `<${tag}>${cell.type === 'rich_text' ? drawByLibrary(cell) : render(String(cell.text ?? cell.value))}</${tag}>`;
  const drawRow = (tag: 'th' | 'td', row: Json[]) => `<tr>${row.map(drawCell(tag)).join('')}</tr>`;
  return `<table>${render(h('caption', null, String(block.caption)))}
<thead>${drawRow('th', head)}</thead>
<tbody>${rows.map((row) => drawRow('td', row)).join('\n')}</tbody></table>`;
}

const foldJson = (block: Json) =>
  render(
    h(
      'details',
      { className: 'json' },
      h('summary', null, `Not drawn whole: a block of type ${String(block.type)}`),
      h('pre', null, JSON.stringify(block, null, 2)),
    ),
  );

/** Whether all that a block says stands in what was drawn of it. */
function isComplete(block: Json, html: string): boolean {
  const drawn = squeeze(
    html
      .replace(/<[^>]*>/g, '')
      .replace(/&(amp|lt|gt|quot|#x27);/g, (entity) => ENTITIES[entity] ?? ''),
  );
  return textsIn(block).every((text) => drawn.includes(squeeze(text)));
}

const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
};

/** Without what is drawn as something else: spaces, and emoji by their names. */
const squeeze = (text: string) => text.replace(/\s+/g, '');

/** What stands there word for word: of mrkdwn the words between its marks, of a chart its title. */
function textsIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(textsIn);
  if (typeof node !== 'object' || node === null) return [];
  const { type, text, ...rest } = node as Json;
  if (type === 'mrkdwn') {
    const words = String(text).split(/<[^<>]*>|[*_~`&;\n]|:[\w+-]+:|&\w+;/);
    return words.filter((word) => word.trim().length > 3);
  }
  if (type === 'plain_text') return [withEmoji(node as Json)];
  if (type === 'text' || type === 'link' || type === 'raw_text') return [String(text)];
  if (type === 'data_visualization') return [String(rest.title)];
  // What comes up only when it is touched.
  const { placeholder: _, options: __, confirm: ___, ...shown } = rest;
  return [text, ...Object.values(shown)].flatMap(textsIn);
}
