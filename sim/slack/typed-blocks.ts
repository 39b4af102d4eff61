// The rich text that Slack keeps beside `text` for everything that people type. Slack's composer makes
// both; here the block follows from the text.
import { createHash } from 'node:crypto';
import { codeOf, type EmojiSet } from './emoji.ts';
import type { JsonObject } from './types.ts';

type Emoji = Pick<EmojiSet, 'resolve'>;
type Style = Partial<Record<'bold' | 'italic' | 'strike' | 'code', true>>;

/** Adds the block that Slack makes of a typed text; nothing for a text without words. */
export function typedBlocks(
  text: string,
  ts: string,
  emoji: Emoji,
): { blocks: JsonObject[] } | undefined {
  const block = toRichText(text, emoji);
  if (!block) return undefined;
  const id = createHash('sha1').update(`${ts} ${text}`).digest('base64url').slice(0, 5);
  return { blocks: [{ ...block, block_id: id }] };
}

/** A stored text as a rich_text block without an id; undefined when it says nothing. */
export function toRichText(text: string, emoji: Emoji): JsonObject | undefined {
  const elements = text
    .trim()
    .split(/```\n?([\s\S]*?)\n?```\n?/)
    .flatMap((part, index) => (index % 2 === 1 ? readCode(part) : readLines(part, emoji)));
  return elements.length === 0 ? undefined : { type: 'rich_text', elements };
}

function readCode(code: string): JsonObject[] {
  const elements = readPlain(code, {});
  return elements.length === 0 ? [] : [{ type: 'rich_text_preformatted', border: 0, elements }];
}

interface Line {
  kind: 'section' | 'quote' | 'bullet' | 'ordered';
  indent: number;
  text: string;
}

const SPACES_A_LEVEL = 4;

function readLine(line: string): Line {
  const [, quoted] = /^&gt; ?(.*)$/.exec(line) ?? [];
  if (quoted !== undefined) return { kind: 'quote', indent: 0, text: quoted };
  const [, spaces = '', sign = '', item] = /^( *)([•◦▪]|\d{1,2}\.) +(.*)$/.exec(line) ?? [];
  if (item === undefined) return { kind: 'section', indent: 0, text: line };
  const indent = Math.min(8, Math.floor(spaces.length / SPACES_A_LEVEL));
  return { kind: /\d/.test(sign) ? 'ordered' : 'bullet', indent, text: item };
}

/** Consecutive lines of the same kind become one element. */
function readLines(text: string, emoji: Emoji): JsonObject[] {
  if (text === '') return [];
  const runs: Line[][] = [];
  for (const line of text.split('\n').map(readLine)) {
    const run = runs.at(-1);
    const [first] = run ?? [];
    if (run && first?.kind === line.kind && first.indent === line.indent) run.push(line);
    else runs.push([line]);
  }
  return runs.flatMap((run, index) => {
    const joined = run.map((line) => line.text).join('\n');
    const [{ kind, indent }] = run as [Line];
    switch (kind) {
      case 'section': {
        // A section keeps the line break before what follows it.
        const isLast = index === runs.length - 1;
        const elements = readInline(isLast ? joined : `${joined}\n`, {}, emoji);
        return elements.length === 0 ? [] : [{ type: 'rich_text_section', elements }];
      }
      case 'quote':
        return [{ type: 'rich_text_quote', elements: readInline(joined, {}, emoji) }];
      case 'bullet':
      case 'ordered': {
        const elements = run.map((line) => ({
          type: 'rich_text_section',
          elements: readInline(line.text, {}, emoji),
        }));
        return [{ type: 'rich_text_list', style: kind, indent, border: 0, elements }];
      }
      default:
        return kind satisfies never;
    }
  });
}

const MARKS = { '*': 'bold', _: 'italic', '~': 'strike' } as const;

/** Code, a token, an emoji, or a formatted run. */
const INLINE =
  /`([^`\n]+)`|<([^<>\n]+)>|:([\p{L}\d_+'-]+(?:::skin-tone-[2-6])?):|(?<![\p{L}\p{N}_*~])([*_~])(?=\S)([^\n]{0,2000}?\S)\4(?![\p{L}\p{N}])/u;

function readInline(text: string, style: Style, emoji: Emoji): JsonObject[] {
  const elements: JsonObject[] = [];
  let plain = '';
  const flush = () => {
    elements.push(...textOf(plain, style));
    plain = '';
  };
  for (let rest = text; rest !== ''; ) {
    const match = INLINE.exec(rest);
    if (!match) {
      plain += rest;
      break;
    }
    const [all, code, token, name, mark, inner = ''] = match;
    plain += rest.slice(0, match.index);
    const found =
      code !== undefined
        ? readPlain(code, { ...style, code: true })
        : token !== undefined
          ? readToken(token, style)
          : name !== undefined
            ? readEmoji(name, style, emoji)
            : readInline(inner, { ...style, [MARKS[mark as keyof typeof MARKS]]: true }, emoji);
    if (found) {
      flush();
      elements.push(...found);
    } else plain += all.slice(0, 1);
    rest = rest.slice(match.index + (found ? all.length : 1));
  }
  flush();
  return elements;
}

/** Code, where only links are more than text. */
function readPlain(text: string, style: Style): JsonObject[] {
  return text
    .split(/<((?:https?|mailto|tel):[^<>\n]+)>/)
    .flatMap((part, index) =>
      index % 2 === 1 ? (readToken(part, style) ?? []) : textOf(part, style),
    );
}

function textOf(text: string, style: Style): JsonObject[] {
  return text === '' ? [] : [{ type: 'text', text: decode(text), ...styled(style) }];
}

const styled = (style: Style) => (Object.keys(style).length === 0 ? {} : { style });

const decode = (text: string) =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

function readToken(token: string, style: Style): JsonObject[] | undefined {
  const bar = token.indexOf('|');
  const target = bar < 0 ? token : token.slice(0, bar);
  const label = bar < 0 ? undefined : decode(token.slice(bar + 1));
  const one = (element: JsonObject) => [{ ...element, ...styled(style) }];
  if (/^@[UW]/.test(target)) return one({ type: 'user', user_id: target.slice(1) });
  if (/^#[CG]/.test(target)) return one({ type: 'channel', channel_id: target.slice(1) });
  if (/^!subteam\^./.test(target)) return one({ type: 'usergroup', usergroup_id: target.slice(9) });
  if (/^!(here|channel|everyone)$/.test(target))
    return one({ type: 'broadcast', range: target.slice(1) });
  const [, seconds, format, url] = /^!date\^(\d+)\^([^^]+)(?:\^(.*))?$/.exec(target) ?? [];
  if (seconds !== undefined && format !== undefined)
    return one({
      type: 'date',
      timestamp: Number(seconds),
      format,
      ...(url === undefined ? {} : { url }),
      ...(label === undefined ? {} : { fallback: label }),
    });
  if (/^(https?|mailto|tel|slack):/.test(target))
    return one({ type: 'link', url: decode(target), ...(label ? { text: label } : {}) });
  return undefined;
}

function readEmoji(typed: string, style: Style, emoji: Emoji): JsonObject[] | undefined {
  const stored = emoji.resolve(typed);
  if (stored === undefined) return undefined;
  const [name = '', tone] = stored.split('::skin-tone-');
  const unicode = codeOf(stored);
  return [
    {
      type: 'emoji',
      name,
      ...(unicode === undefined ? {} : { unicode }),
      ...(tone === undefined ? {} : { skin_tone: Number(tone) }),
      ...styled(style),
    },
  ];
}
