// Parses stored mrkdwn: entities, tokens in angle brackets, and simple markup.
export type Piece =
  | { kind: 'text'; text: string }
  | { kind: 'bold' | 'italic' | 'strike' | 'quote'; pieces: Piece[] }
  | { kind: 'code' | 'preformatted'; text: string }
  | { kind: 'link'; url: string; label: string }
  | { kind: 'user'; id: string }
  | { kind: 'channel'; id: string; label: string | undefined }
  | { kind: 'broadcast'; label: string }
  | { kind: 'date'; seconds: number; format: string; link: string | undefined; fallback: string }
  | { kind: 'emoji'; name: string };

const MARKUP = { '*': 'bold', _: 'italic', '~': 'strike' } as const;

const INLINE =
  /`([^`\n]+)`|<([^<>\n]+)>|:([\p{L}\d_+'-]+(?:::skin-tone-[2-6])?):|(?<![\p{L}\p{N}_*~])([*_~])(?=\S)([^\n]{0,2000}?\S)\4(?![\p{L}\p{N}])/gu;

export function decodeEntities(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

export function parseMrkdwn(text: string): Piece[] {
  return text.split(/```\n?([\s\S]*?)```\n?/).flatMap((part, index): Piece[] => {
    if (index % 2 === 1) return [{ kind: 'preformatted', text: decodeEntities(untoken(part)) }];
    return part === '' ? [] : parseLines(part);
  });
}

/** Consecutive lines that start with `>` become one quote. */
function parseLines(text: string): Piece[] {
  const runs: { isQuote: boolean; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line)?.[1];
    const last = runs.at(-1);
    const own = quoted ?? line;
    if (last && last.isQuote === (quoted !== undefined)) last.lines.push(own);
    else runs.push({ isQuote: quoted !== undefined, lines: [own] });
  }
  return runs.flatMap(({ isQuote, lines }): Piece[] => {
    const pieces = parseInline(lines.join('\n'));
    return isQuote ? [{ kind: 'quote', pieces }] : pieces;
  });
}

function parseInline(text: string): Piece[] {
  const pieces: Piece[] = [];
  const addText = (plain: string) => {
    if (plain !== '') pieces.push({ kind: 'text', text: decodeEntities(plain) });
  };
  let done = 0;
  for (const match of text.matchAll(INLINE)) {
    const [all, code, token, emoji, mark, inner] = match;
    addText(text.slice(done, match.index));
    if (code !== undefined) pieces.push({ kind: 'code', text: decodeEntities(untoken(code)) });
    else if (token !== undefined) pieces.push(parseToken(token));
    else if (emoji !== undefined) pieces.push({ kind: 'emoji', name: emoji });
    else {
      const kind = MARKUP[mark as keyof typeof MARKUP];
      pieces.push({ kind, pieces: parseInline(inner ?? '') });
    }
    done = match.index + all.length;
  }
  addText(text.slice(done));
  return pieces;
}

/** In code, a link is shown as typed. */
function untoken(code: string): string {
  return code.replace(
    /<((?:https?|mailto):[^<>|\n]+)(?:\|([^<>\n]*))?>/g,
    (_all, url, label) => label ?? url,
  );
}

function parseToken(token: string): Piece {
  const bar = token.indexOf('|');
  const target = bar < 0 ? token : token.slice(0, bar);
  const label = bar < 0 ? undefined : decodeEntities(token.slice(bar + 1));
  if (/^@[UW]/.test(target)) return { kind: 'user', id: target.slice(1) };
  if (/^#[CG]/.test(target)) return { kind: 'channel', id: target.slice(1), label };
  const [, seconds, format = '', link] = /^!date\^(-?\d+)\^([^^]*)(?:\^(.*))?$/.exec(target) ?? [];
  if (seconds !== undefined)
    return {
      kind: 'date',
      seconds: Number(seconds),
      format: decodeEntities(format),
      link,
      fallback: label ?? '',
    };
  if (target.startsWith('!'))
    return { kind: 'broadcast', label: label ?? `@${target.slice(1).split('^')[0]}` };
  if (/^(https?|mailto|tel|slack):/.test(target)) {
    const url = decodeEntities(target);
    return { kind: 'link', url, label: label ?? url.replace(/^mailto:/, '') };
  }
  return { kind: 'text', text: decodeEntities(`<${token}>`) };
}
