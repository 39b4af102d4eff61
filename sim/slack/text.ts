// Whom a message pings and what it links to.
import { isObject, type JsonObject, type SimMessage } from './types.ts';

const TOKEN = /<([^<>\n]+)>/g;
const BARE_URL = /\bhttps?:\/\/[^\s<>|]+/g;
const VALID_TOKEN =
  /^(@[UW][A-Z0-9]+|#C[A-Z0-9]+|!(here|channel|everyone|subteam\^|date\^)|https?:\/\/|mailto:|tel:|slack:)/;

/** The text as Slack stores it: bare `&`, `<` and `>` become entities, tokens stay. */
export function escapeText(text: string): string {
  return text
    .split(/(<[^<>\n]+>)/)
    .map((part, index) => {
      const isToken = index % 2 === 1 && VALID_TOKEN.test(part.slice(1));
      const escaped = part.replace(/&(?!(amp|lt|gt);)/g, '&amp;');
      return isToken ? escaped : escaped.replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    })
    .join('');
}

export interface Link {
  url: string;
  label: string;
}

type Piece =
  | { kind: 'mrkdwn'; text: string }
  | { kind: 'markdown'; text: string }
  | { kind: 'ping'; token: string }
  | { kind: 'link'; link: Link };

/** Returns the parts of a message that can ping or link; leaves out inert text. */
function collectPieces(value: unknown): Piece[] {
  if (Array.isArray(value)) return value.flatMap(collectPieces);
  if (!isObject(value)) return [];
  switch (value.type) {
    case 'mrkdwn':
      return [{ kind: 'mrkdwn', text: String(value.text) }];
    case 'markdown':
      return [{ kind: 'markdown', text: String(value.text) }];
    case 'plain_text':
    case 'raw_text':
    case 'text':
      return [];
    case 'user':
      return [{ kind: 'ping', token: `<@${value.user_id}>` }];
    case 'usergroup':
      return [{ kind: 'ping', token: `<!subteam^${value.usergroup_id}>` }];
    case 'broadcast':
      return [{ kind: 'ping', token: `<!${value.range}>` }];
    case 'link':
      return [
        { kind: 'link', link: { url: String(value.url), label: String(value.text ?? value.url) } },
      ];
    case 'button': {
      const label = isObject(value.text) ? String(value.text.text) : '';
      return typeof value.url === 'string'
        ? [{ kind: 'link', link: { url: value.url, label } }]
        : [];
    }
    default:
      return Object.values(value).flatMap(collectPieces);
  }
}

const ATTACHMENT_TEXTS = ['pretext', 'text', 'title', 'fallback', 'author_name', 'footer'];

function piecesOf(message: Pick<SimMessage, 'text' | 'blocks' | 'attachments'>): Piece[] {
  const attachments = (message.attachments ?? []).flatMap((attachment: JsonObject): Piece[] => [
    ...ATTACHMENT_TEXTS.flatMap((key): Piece[] =>
      typeof attachment[key] === 'string' ? [{ kind: 'mrkdwn', text: attachment[key] }] : [],
    ),
    ...collectPieces(attachment.blocks),
  ]);
  return [{ kind: 'mrkdwn', text: message.text }, ...collectPieces(message.blocks), ...attachments];
}

function pingsOfText(text: string): string[] {
  return [...text.matchAll(TOKEN)].flatMap(([, inner = '']) => {
    const token = inner.split('|')[0] ?? '';
    return /^(@[UW][A-Z0-9]+|!here|!channel|!everyone|!group|!subteam\^\w+)$/.test(token)
      ? [`<${token}>`]
      : [];
  });
}

/** A plain `@here` pings only when the app asked Slack to parse the text. */
function pingsOfWords(text: string): string[] {
  return [...text.matchAll(/(?<![\w@])@(here|channel|everyone|group)\b/g)].map(
    ([, word]) => `<!${word}>`,
  );
}

/** Whom a post pings, as tokens like `<!here>` and `<@U…>`, without duplicates. */
export function findPings(
  message: Pick<SimMessage, 'text' | 'blocks' | 'attachments' | 'parse' | 'link_names'>,
): string[] {
  const findWords = message.parse === 'full' || message.link_names === true;
  const found = piecesOf(message).flatMap((piece) => {
    switch (piece.kind) {
      case 'ping':
        return [piece.token];
      case 'link':
        return [];
      case 'mrkdwn':
      case 'markdown':
        return [...pingsOfText(piece.text), ...(findWords ? pingsOfWords(piece.text) : [])];
      default:
        return piece satisfies never;
    }
  });
  return [...new Set(found)];
}

/** Decodes Slack's entities. */
const decode = (text: string) =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

function linksOfMrkdwn(text: string): Link[] {
  const links: Link[] = [];
  const push = (url: string, label: string) =>
    links.push({ url: decode(url), label: decode(label) });
  const rest = text.replace(TOKEN, (token, inner: string) => {
    const [url = '', label] = inner.split('|');
    if (/^(https?|mailto|tel|slack):/.test(url)) push(url, label ?? url);
    return /^(https?|mailto|tel|slack):/.test(url) ? ' ' : token;
  });
  for (const [url] of rest.matchAll(BARE_URL)) push(url, url);
  return links;
}

function linksOfMarkdown(text: string): Link[] {
  const links: Link[] = [];
  const rest = text.replace(
    /(?<!\\)\[([^\]\n]*)\]\(([^)\s]+)[^)]*\)/g,
    (_all, label: string, url: string) => {
      links.push({ url, label });
      return ' ';
    },
  );
  return [...links, ...linksOfMrkdwn(rest)];
}

/** All links in a post, with the words shown for them. */
export function findLinks(message: Pick<SimMessage, 'text' | 'blocks' | 'attachments'>): Link[] {
  return piecesOf(message).flatMap((piece) => {
    switch (piece.kind) {
      case 'link':
        return [piece.link];
      case 'mrkdwn':
        return linksOfMrkdwn(piece.text);
      case 'markdown':
        return linksOfMarkdown(piece.text);
      case 'ping':
        return [];
      default:
        return piece satisfies never;
    }
  });
}
